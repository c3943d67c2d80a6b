"""What every Python client is told on its command line, and the statements that all clients send."""

import pathlib
import re
import sys
from dataclasses import dataclass


@dataclass
class Target:
    host: str
    port: int
    database: str
    user: str
    password: str
    tls: str
    purpose: str

    def libpq(self, **more):
        return {
            "host": self.host,
            "port": self.port,
            "dbname": self.database,
            "user": self.user,
            "password": self.password,
            "sslmode": "verify-full",
            "sslrootcert": f"{self.tls}/ca.crt",
            "sslcert": f"{self.tls}/client.crt",
            "sslkey": f"{self.tls}/client.key",
            **more,
        }


def target():
    host, port, database, user, password, tls, purpose = sys.argv[1:8]
    return Target(host, int(port), database, user, password, tls, purpose)


def statements():
    found = []
    for line in (pathlib.Path(__file__).parent.parent / "statements.txt").read_text().split("\n"):
        if not line or line.startswith("#"):
            continue
        key, value = line.split(": ", 1)
        if key == "name":
            found.append({"name": value, "parameters": []})
        elif key == "sql":
            found[-1]["sql"] = value
        else:
            found[-1]["parameters"].append(None if value == "null" else value)
    return found


def percent(sql):
    """`$1` as `%s`: every parameter stands once and in order."""
    return re.sub(r"\$\d+", "%s", sql.replace("%", "%%"))


def plain(value):
    """A value as JSON can hold it, with its type."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "bytes " + bytes(value).hex()
    return f"{type(value).__name__} {value}"
