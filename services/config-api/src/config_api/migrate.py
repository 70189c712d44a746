"""`python -m config_api.migrate`: brings the database up to date, and ends."""

from config_api.models import SCHEMA
from shared.migrating import run

if __name__ == "__main__":
    run("config_api", schema=SCHEMA)
