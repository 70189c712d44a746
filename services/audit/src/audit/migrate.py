"""`python -m audit.migrate`: brings the database up to date, and ends."""

from shared.migrating import run

if __name__ == "__main__":
    run("audit")
