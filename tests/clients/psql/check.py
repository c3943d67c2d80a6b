"""psql: simple queries in text, \\g variants, FETCH_COUNT, COPY and \\copy in all formats, cancel by SIGINT,
\\watch, \\gdesc, \\gset, \\gexec, transactions and the ways it prints."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "python"))

from asked import statements, target  # noqa: E402

TARGET = target()
ENVIRONMENT = {
    **os.environ,
    "PGPASSWORD": TARGET.password,
    "PGSSLMODE": "verify-full",
    "PGSSLROOTCERT": f"{TARGET.tls}/ca.crt",
    "PGSSLCERT": f"{TARGET.tls}/client.crt",
    "PGSSLKEY": f"{TARGET.tls}/client.key",
    "PGHOST": TARGET.host,
    "PGPORT": str(TARGET.port),
    "PGUSER": TARGET.user,
    "PGDATABASE": TARGET.database,
    "LC_ALL": "C.UTF-8",
}
PURPOSE = f"set cordon.purpose = '{TARGET.purpose}';\n" if TARGET.purpose else ""
answers, messages = {}, []


def psql(script, *options, as_bytes=False):
    done = subprocess.run(["psql", "-X", "-q", "-v", "VERBOSITY=sqlstate", *options],
                          input=(PURPOSE + script).encode(), env=ENVIRONMENT, capture_output=True, timeout=120)
    messages.append(done.stderr.decode(errors="replace"))
    # Of messages the SQLSTATE counts; what the gate's notices say does not.
    failures = [line.split("ERROR:  ")[1] for line in done.stderr.decode().split("\n") if "ERROR:  " in line]
    out = done.stdout.hex() if as_bytes else done.stdout.decode()
    return {"exit": done.returncode, "out": out, "errors": failures}


def quoted(value):
    return "null" if value is None else "'" + value.replace("'", "''") + "'"


def with_values(statement):
    sql = statement["sql"]
    for number, value in enumerate(statement["parameters"], 1):
        sql = sql.replace(f"${number}", quoted(value))
    return sql


for statement in statements():
    sql = with_values(statement)
    answers[f"aligned: {statement['name']}"] = psql(sql + ";\n")
    answers[f"csv: {statement['name']}"] = psql(sql + ";\n", "--csv")
    answers[f"fetched in parts: {statement['name']}"] = psql(sql + ";\n", "--csv", "-v", "FETCH_COUNT=7")
    answers[f"described: {statement['name']}"] = psql(sql + " \\gdesc\n")

CASES = {
    "expanded": "\\x\nselect * from customer order by country, customer_id limit 3;",
    "crosstab": "select country, support_rep_id, count(*) from customer group by 1, 2 order by 1, 2 \\crosstabview",
    "gset": "select count(*) as n from customer \\gset\n\\echo :n\nselect :n + 1;",
    "gexec": "select 'select count(*) from ' || t from (values ('customer'), ('invoice')) v(t) \\gexec",
    "g to a pipe": "select country from customer order by 1 limit 3 \\g | cat",
    "begin and commit": "begin;\nselect count(*) from customer;\ncommit;",
    "failed transaction": "begin;\nselect 1 / 0;\nselect 1;\nrollback;\nselect 2;",
    "savepoint": "begin;\nsavepoint a;\nselect 1 / 0;\nrollback to a;\nselect 3;\ncommit;",
    "on error rollback": "\\set ON_ERROR_ROLLBACK on\nbegin;\nselect 1 / 0;\nselect 4;\ncommit;",
    "cursor": "begin;\ndeclare c cursor for select country, customer_id from customer order by 1, 2;\nfetch 3 from c;\n"
              "fetch forward 2 from c;\nmove 5 in c;\nfetch next from c;\nclose c;\ncommit;",
    "prepare": "prepare p(text) as select country, count(*) from customer where country = $1 group by 1;\n"
               "execute p('USA');\nexecute p('Brazil');\ndeallocate p;\nexecute p('USA');",
    "two in one message": "select 1 \\; select country from customer order by 1 limit 2 \\; select 3;",
    "variables": "\\set x 1\n\\echo :x",
    "conditions": "select count(*) > 0 as any from customer \\gset\n\\if :any\n\\echo some\n\\else\n\\echo none\n\\endif",
    "show": "show server_version_num;\nshow client_encoding;\nshow standard_conforming_strings;\nshow transaction_isolation;",
    "settings": "set datestyle = 'German';\nselect invoice_date from invoice order by invoice_date, invoice_id limit 2;\n"
                "set timezone = 'Asia/Tokyo';\nselect timestamptz '2024-01-01 00:00+00';\nreset all;\nselect date '2024-01-31';",
    "isolation": "begin isolation level serializable, read only, deferrable;\nselect count(*) from customer;\ncommit;",
    "explain": "explain (costs off) select 1;",
    "empty": ";",
    "comment": "/* one */ select 1 -- two\n;",
    "dollar quotes and unicode": "select $$it's$$, U&'d\\0061t', E'\\x41', 'ß日本';",
    "error position": "select nothing_like_it from artist;",
    "copy to a bad place": "copy customer to '/tmp/x';",
    "copy to a program": "copy customer to program 'cat';",
    "copy in": "copy genre from stdin;\n99\tx\n\\.\nselect count(*) from genre;",
    "write": "update customer set email = 'x';",
    "delete": "delete from genre;",
    "create": "create table t (a int);",
    "do": "do $$ begin raise notice 'x'; end $$;",
    "listen": "listen a;",
    "lock": "select 1 from customer for update;",
    "role": "set role postgres;",
    "file": "select pg_read_file('/etc/passwd');",
    "statistics": "select * from pg_stats;",
    "activity": "select count(*) from pg_stat_activity;",
}
for name, script in CASES.items():
    answers[name] = psql(script + "\n")

for form in ["text", "csv", "csv header", "binary"]:
    option = {"text": "", "csv": "(format csv)", "csv header": "(format csv, header)", "binary": "(format binary)"}[form]
    for name, source in {"query": "(select * from customer order by country, customer_id)",
                         "joined": "(select i.invoice_id, i.total, c.country from invoice i join customer c using (customer_id) order by 1)",
                         "numbers": "(select total, invoice_date from invoice order by invoice_id)"}.items():
        answers[f"copy {name}, {form}"] = psql(f"copy {source} to stdout {option};\n", as_bytes=form == "binary")
        answers[f"\\copy {name}, {form}"] = psql(f"\\copy {source} to stdout {option}\n", as_bytes=form == "binary")
answers["\\copy to a file"] = psql("\\copy (select country from customer order by 1) to '/dev/fd/1' csv\n")

# Ctrl-C: psql sends a cancel and stays.
started = time.monotonic()
process = subprocess.Popen(["psql", "-X", "-v", "VERBOSITY=sqlstate"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, env=ENVIRONMENT, text=True)
process.stdin.write("select 'ready';\nselect count(*) from track a, track b, track c where a.name < b.name and b.name < c.name;\n"
                    "select 'after', count(*) from genre;\n")
process.stdin.flush()
# `ready` is written when the next statement is about to be sent.
while "ready" not in process.stdout.readline():
    pass
time.sleep(1.0)
process.send_signal(signal.SIGINT)
out, _ = process.communicate(timeout=60)
answers["cancel"] = [line for line in out.split("\n") if "ERROR" in line or "after" in line]
answers["cancel was quick"] = time.monotonic() - started < 30

# \watch until Ctrl-C.
process = subprocess.Popen(["psql", "-X", "-A", "-t"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, env=ENVIRONMENT, text=True)
process.stdin.write(PURPOSE + "select count(*) from genre \\watch 0.1\n")
process.stdin.flush()
seen = []
while len(seen) < 3:
    line = process.stdout.readline()
    if line.strip() == "25":
        seen.append(line.strip())
    elif not line or "ERROR" in line:
        seen.append(line)
        break
process.send_signal(signal.SIGINT)
process.communicate(timeout=60)
answers["watch"] = seen

json.dump({"answers": answers, "messages": messages}, sys.stdout)
