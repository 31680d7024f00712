"""Runs statements with the official Python connector and prints what it makes of the answers, as JSON.

Arguments: host, port, file of the trusted certificate, token. Standard input: a JSON array of steps, each
{"sql", "parameters"?} or {"call": "columns" | ..., "arguments"}.
"""

import json
import sys

from databricks import sql

host, port, certificate, token = sys.argv[1:5]
steps = json.load(sys.stdin)


def plain(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int) and abs(value) < 2**53:
        return value
    return {"type": type(value).__name__, "text": str(value)}


def run(cursor, step):
    if "call" in step:
        getattr(cursor, step["call"])(**step["arguments"])
    else:
        cursor.execute(step["sql"], step.get("parameters"))
    rows = cursor.fetchall()
    return {
        "columns": [[column[0], column[1], column[4], column[5]] for column in cursor.description or []],
        "count": len(rows),
        "rows": [[plain(value) for value in row] for row in rows[:20]],
    }


results = []
with sql.connect(
    server_hostname=host,
    http_path="/sql/1.0/warehouses/default",
    access_token=token,
    _port=int(port),
    _tls_trusted_ca_file=certificate,
    enable_telemetry=False,
    _retry_stop_after_attempts_count=1,
) as connection:
    for step in steps:
        with connection.cursor() as cursor:
            try:
                results.append(run(cursor, step))
            except sql.Error as error:
                results.append({"error": type(error).__name__, "message": str(error)})
print(json.dumps(results))
