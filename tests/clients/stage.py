"""A PostgreSQL with Chinook, one database a person with what that person sees, and the gate before it."""

import datetime
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time

import seen

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
HOST = "127.0.0.1"
PEOPLE = ["ana.home", "mei.eligible", "jun.covered", "li.beijing"]


def run(*command, **options):
    options.setdefault("check", True)
    options.setdefault("text", True)
    options.setdefault("stdout", subprocess.PIPE)
    done = subprocess.run([str(part) for part in command], **options)
    return done.stdout


def free_ports(count):
    """Ports that nobody listens on now; all are held until all are known."""
    held = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def postgres_programs():
    known = os.environ.get("CORDON_PG_BIN")
    if known:
        return pathlib.Path(known)
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if not found:
        raise SystemExit("no PostgreSQL server is installed: apt-get install postgresql")
    return found[-1].parent


class Stage:
    def __init__(self, folder, cordon):
        self.folder = pathlib.Path(folder)
        self.cordon = pathlib.Path(cordon)
        self.deployment = self.folder / "deployment"
        self.tls = self.folder / "tls"
        self.gate = None
        self.passwords = {name: secrets.token_urlsafe(12) for name in PEOPLE}
        self.upstream_port, self.gate_port = free_ports(2)

    # --- What is there before the gate. ---

    def certificates(self):
        self.tls.mkdir()
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]

        def openssl(*arguments):
            run("openssl", *arguments, stderr=subprocess.DEVNULL, cwd=self.tls)

        openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=Chinook test authority",
                "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        names = {"server": (f"DNS:localhost,IP:{HOST}", "serverAuth")}
        names |= {person: (f"URI:urn:cordon:person:{person}", "clientAuth") for person in PEOPLE}
        for name, (alternative, usage) in names.items():
            # A folder a person, so that a client is handed one folder.
            folder = self.tls / name
            folder.mkdir()
            (folder / "extensions").write_text(
                f"subjectAltName={alternative}\nextendedKeyUsage={usage}\nbasicConstraints=CA:FALSE\n")
            openssl("req", "-new", *key[:5], "-keyout", f"{name}/client.key", "-out", f"{name}/request",
                    "-subj", f"/CN={name}")
            openssl("x509", "-req", "-in", f"{name}/request", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                    "-days", "2", "-extfile", f"{name}/extensions", "-out", f"{name}/client.crt")
            # pgjdbc reads keys in this form alone.
            openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER", "-in", f"{name}/client.key",
                    "-out", f"{name}/client.pk8")
            shutil.copy(self.tls / "ca.crt", folder / "ca.crt")
            for file in folder.iterdir():
                file.chmod(0o600)

    def as_server(self, *command, **options):
        """Nobody runs PostgreSQL as root."""
        as_other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        return run(*as_other, *command, **options)

    def give(self, path):
        if os.geteuid() == 0:
            shutil.chown(path, "postgres")

    def start_postgres(self):
        programs, data = postgres_programs(), self.folder / "postgres"
        data.mkdir()
        for name in ["crt", "key"]:
            copy = data.parent / f"server.{name}"
            shutil.copy(self.tls / "server" / f"client.{name}", copy)
            copy.chmod(0o600)
            self.give(copy)
        shutil.copy(self.tls / "ca.crt", data.parent / "ca.crt")
        self.give(data.parent / "ca.crt")
        self.give(data)
        self.give(self.folder)
        # Others may pass through the folder, and read nothing that is not theirs.
        self.folder.chmod(0o711)
        self.as_server(programs / "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
        (data / "pg_hba.conf").write_text(
            "local all all trust\n"
            "host all postgres,cordon 127.0.0.1/32 trust\n"
            "hostssl all all 127.0.0.1/32 scram-sha-256\n")
        with open(data / "postgresql.conf", "a") as settings:
            settings.write(
                f"port = {self.upstream_port}\nlisten_addresses = '{HOST}'\nunix_socket_directories = '{self.folder}'\n"
                f"fsync = off\nssl = on\nssl_cert_file = '{self.folder}/server.crt'\n"
                f"ssl_key_file = '{self.folder}/server.key'\nssl_ca_file = '{self.folder}/ca.crt'\n")
        self.as_server(programs / "pg_ctl", "-D", data, "-w", "-l", data / "log", "start")
        self.programs, self.data = programs, data

    def psql(self, database, *arguments, **options):
        return run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", self.upstream_port,
                   "-U", "postgres", "-d", database, *arguments, **options)

    def load(self):
        script = (ROOT / "tests/data/chinook/Chinook_PostgreSql.sql").read_text()
        # Without the statements that make the database and connect to it.
        script = script[script.index("\\c chinook;") + len("\\c chinook;"):]
        self.psql("postgres", "-c", "create database chinook", "-c", "create role cordon login")
        self.psql("chinook", input="set client_min_messages = warning;" + script)
        self.psql("chinook", "-f", HERE / "extra.sql")
        self.psql("chinook", "-c", "grant select on all tables in schema public to cordon", "-c", "analyze")

    def read(self, table):
        text = self.psql("chinook", "-c", f"copy (select * from {table} order by ctid) to stdout (header)")
        lines = text.split("\n")[:-1]
        columns = lines[0].split("\t")
        return columns, [dict(zip(columns, map(seen.unescape, line.split("\t")))) for line in lines[1:]]

    def fill(self):
        """The databases of what each person sees."""
        raw = seen.Raw(self.read)
        root = bytes.fromhex((self.deployment / "secrets/pseudonym.key").read_text().strip())
        schema = self.as_server(self.programs / "pg_dump", "-h", self.folder, "-p", self.upstream_port,
                                "--schema-only", "--no-privileges", "chinook")
        # Masks may be NULL where the table is NOT NULL, and what is masked may lack its parents.
        schema = re.sub(r" NOT NULL(?=,?\n)", "", schema)
        is_reference = r"ALTER TABLE ONLY [^;]*FOREIGN KEY[^;]*;"
        references = "".join(re.findall(is_reference, schema)).replace(";", " NOT VALID;")
        schema = re.sub(is_reference, "", schema)
        for person, password in self.passwords.items():
            self.psql("postgres", "-c", f"create role \"{person}\" login password '{password}'")
        for view, (person, *_) in seen.VIEWS.items():
            self.psql("postgres", "-c", f"create database seen_{view}")
            self.psql(f"seen_{view}", input=schema)
            for table, found in raw.seen(view, root).items():
                if found is None:
                    continue
                columns, rows = found
                for name in raw.tables[table][0]:
                    if name not in columns:
                        self.psql(f"seen_{view}", "-c", f"alter table public.{table} drop column {name}")
                lines = "".join("\t".join(map(seen.escape, row)) + "\n" for row in rows)
                self.psql(f"seen_{view}", "-c", f"copy public.{table} ({', '.join(columns)}) from stdin", input=lines)
                self.psql(f"seen_{view}", "-c", f"grant select on public.{table} to \"{person}\"")
            self.psql(f"seen_{view}", input=references)
            self.psql(f"seen_{view}", "-c", "analyze")

    # --- The gate. ---

    def deploy(self):
        shutil.copytree(ROOT / "policies/chinook", self.deployment)
        secret = self.deployment / "secrets"
        secret.mkdir(mode=0o700)
        key = secret / "pseudonym.key"
        key.write_text(secrets.token_hex(32) + "\n")
        key.chmod(0o600)
        for name in ["crt", "key"]:
            shutil.copy(self.tls / "server" / f"client.{name}", secret / f"server.{name}")
        shutil.copy(self.tls / "ca.crt", secret / "ca.crt")
        settings = self.deployment / "cordon.toml"
        text = re.sub(r"(?m)^url = .*", f'url = "postgres://cordon@127.0.0.1:{self.upstream_port}/chinook"',
                      settings.read_text())
        settings.write_text(text + f"""
[gateway]
listen = "{HOST}:{self.gate_port}"

[tls]
certificate = "secrets/server.crt"
key = "secrets/server.key"
client_authorities = "secrets/ca.crt"

[[network]]
range = "127.0.0.0/8"
country = "US"
""")
        grants = self.deployment / "grants.yaml"
        grants.write_text(to_the_present(grants.read_text()))
        for person, password in self.passwords.items():
            run(self.cordon, "people", "password", self.deployment, person, input=password + "\n")

    def start_gate(self):
        self.log = open(self.folder / "gate.log", "w")
        self.gate = subprocess.Popen([str(self.cordon), "serve", str(self.deployment), "--evaluation"],
                                     stdout=self.log, stderr=self.log)
        for _ in range(600):
            if "listening" in (self.folder / "gate.log").read_text():
                return
            if self.gate.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit("the gate did not start:\n" + (self.folder / "gate.log").read_text())

    def start(self):
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True)
        self.certificates()
        self.start_postgres()
        try:
            self.load()
            self.deploy()
            self.fill()
            self.start_gate()
        except BaseException:
            self.stop()
            raise

    def stop(self):
        if self.gate and self.gate.poll() is None:
            self.gate.send_signal(signal.SIGTERM)
            try:
                self.gate.wait(20)
            except subprocess.TimeoutExpired:
                self.gate.kill()
        self.as_server(self.programs / "pg_ctl", "-D", self.data, "-m", "immediate", "stop")

    def target(self, view, through_gate):
        """How a client connects: host, port, database, user, password, folder of TLS files, purpose."""
        person, purpose, *_ = seen.VIEWS[view]
        return {
            "host": HOST,
            "port": self.gate_port if through_gate else self.upstream_port,
            "database": "chinook" if through_gate else f"seen_{view}",
            "user": person,
            "password": self.passwords[person],
            "tls": str(self.tls / person),
            "purpose": purpose,
        }


def to_the_present(text):
    """Moves all moments of a file of grants so that 2026-06-01T10:00:00Z becomes now."""
    shift = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime(2026, 6, 1, 10, tzinfo=datetime.timezone.utc)

    def move(found):
        moment = datetime.datetime.fromisoformat(found[0].replace("Z", "+00:00")) + shift
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", move, text)
