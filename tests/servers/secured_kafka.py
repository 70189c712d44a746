"""A real broker that takes nobody without a name, over TLS, and lets everybody do only what they may.

Users and their rights are written as Strimzi's KafkaUser resources, and applied here as its user operator would.
"""

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.protocol.admin import CreateAclsRequest

from deploy.kafka import broker
from tests.servers.certificate import write_certificate
from tests.servers.mail_server import free_ports

# Kafka's protocol, as in org.apache.kafka.common.acl.AclOperation and ...resource.ResourceType.
OPERATIONS = {"Read": 3, "Write": 4, "Create": 5, "Describe": 8}
RESOURCES = {"topic": 2, "group": 3}
LITERAL, ALLOW = 3, 3

SECURITY = """
listeners=CLIENT://127.0.0.1:{port},SECURED://127.0.0.1:{secured},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=CLIENT://127.0.0.1:{port},SECURED://127.0.0.1:{secured}
listener.security.protocol.map=CLIENT:PLAINTEXT,SECURED:SASL_SSL,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.secured.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.secured.ssl.keystore.type=PEM
listener.name.secured.ssl.keystore.location={pem}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""


class SecuredKafka:
    """`passwords` are by user. Whoever comes by `open_bootstrap` may do everything."""

    def __init__(self, folder: Path, passwords: Mapping[str, str]) -> None:
        port, controller, self._secured = free_ports(3)
        self._node = broker.Node(folder, port, controller)
        self._passwords = passwords
        self._process: subprocess.Popen[bytes] | None = None
        self.ca_file, self._key_file = write_certificate(folder)

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self._secured}"

    @property
    def open_bootstrap(self) -> str:
        return self._node.bootstrap

    def start(self) -> None:
        libs = broker.ensure_libs()
        self._prepare(libs)
        self._process = broker.launch(self._node, libs)
        broker.wait_ready(self._node, self._process)

    def stop(self) -> None:
        if self._process:
            broker.stop(self._process)

    def _prepare(self, libs: Path) -> None:
        node, pem = self._node, self._node.data_dir / "broker.pem"
        pem.write_bytes(self._key_file.read_bytes() + self.ca_file.read_bytes())
        ports = {"port": node.port, "controller_port": node.controller_port}
        plain = broker.PROPERTIES.format(host=broker.HOST, log_dir=node.log_dir, **ports)
        secured = SECURITY.format(port=node.port, secured=self._secured, controller=node.controller_port, pem=pem)
        node.properties.write_text(plain + secured)
        tool = ["kafka.tools.StorageTool", "format", "-t", broker.CLUSTER_ID, "-c", str(node.properties)]
        for user, password in self._passwords.items():
            tool += ["--add-scram", f"SCRAM-SHA-512=[name={user},password={password}]"]
        java = [*broker.JAVA, "-cp", f"{libs}/*"]
        subprocess.run([*java, *tool], check=True, capture_output=True, timeout=60)

    async def apply(self, topics: Iterable[dict[str, Any]], users: Iterable[dict[str, Any]]) -> None:
        """Makes what KafkaTopic and KafkaUser resources describe; each topic on this one broker."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.open_bootstrap)
        await admin.start()
        try:
            await admin.create_topics(
                [NewTopic(each["metadata"]["name"], each["spec"]["partitions"], 1) for each in topics]
            )
            for user in users:
                for request in _requests(user):
                    answer: Any = await admin._send_to_controller(request)
                    assert all(code == 0 for code, _ in answer.creation_responses), answer
        finally:
            await admin.close()


def _requests(user: dict[str, Any]) -> Iterable[CreateAclsRequest]:
    principal = f"User:{user['metadata']['name']}"
    for acl in user["spec"]["authorization"]["acls"]:
        resource = acl["resource"]
        assert resource["patternType"] == "literal"
        for operation in acl["operations"]:
            kind = RESOURCES[resource["type"]]
            yield CreateAclsRequest(kind, resource["name"], LITERAL, principal, "*", OPERATIONS[operation], ALLOW)
