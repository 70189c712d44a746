"""The private Dovecot's configuration."""

import getpass
import grp
import os
from dataclasses import dataclass
from pathlib import Path

from tests.servers.mail_server import PASSWORD


@dataclass(frozen=True, slots=True)
class Options:
    """`drafts` is the folder that exists from the start, empty for none; `special_use` marks it as \\Drafts.

    `prefix` is what every folder but INBOX stands below. `quota` and `max_mail_size` are in kB, `clients` is how many
    connections may be open at the same time. For more than a hundred of them take 50 `clients_per_process`: each
    process has one inotify instance, of which the kernel gives a user 128; those without one look once a second.
    """

    drafts: str = "Drafts"
    special_use: bool = True
    separator: str = "/"
    prefix: str = ""
    quota: int | None = None
    max_mail_size: int | None = None
    clients: int = 4000
    clients_per_process: int = 1
    extra: str = ""


def render(
    folder: Path, owner: tuple[int, int], port: int, tls_port: int, certificate: Path, key: Path, options: Options
) -> str:
    """The whole configuration file."""
    uid, gid = owner
    return f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
auth_username_chars =
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/users/%u
}}
mail_location = maildir:~/Maildir
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100000
mailbox_idle_check_interval = 1s
default_client_limit = {options.clients + 1000}
default_process_limit = {options.clients + 100}
default_vsz_limit = 2048M
{_users()}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  process_limit = 2
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service imap {{
  process_limit = {options.clients + 100}
  client_limit = {options.clients_per_process}
  service_count = {1 if options.clients_per_process == 1 else 0}
}}
service anvil {{
  chroot =
  # Otherwise one wrong password delays all log-ins after it.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
namespace inbox {{
  inbox = yes
  separator = {options.separator}
  prefix = {options.prefix}
{_drafts(options)}
}}
{_quota(options)}
{options.extra}
"""


def _users() -> str:
    """Root keeps Debian's accounts; anybody else has only their own."""
    if os.getuid() == 0:
        return ""
    user, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
    return f"default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}"


def _drafts(options: Options) -> str:
    if not options.drafts:
        return ""
    use = "special_use = \\Drafts" if options.special_use else ""
    return f'  mailbox "{options.drafts}" {{\n    auto = create\n    {use}\n  }}'


def _quota(options: Options) -> str:
    if options.quota is None and options.max_mail_size is None:
        return ""
    rule = f"quota_rule = *:storage={options.quota}K" if options.quota is not None else ""
    size = f"quota_max_mail_size = {options.max_mail_size}K" if options.max_mail_size is not None else ""
    return f"""
mail_plugins = $mail_plugins quota
protocol imap {{
  mail_plugins = $mail_plugins imap_quota
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  {rule}
  {size}
}}"""
