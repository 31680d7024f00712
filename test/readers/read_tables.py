"""Reads Delta tables with engines that are not ours.

usage: read_tables.py {delta-rs|duckdb|spark} TABLE_DIRECTORY...

Prints one JSON object per row: {"table": directory, "row": {...}}, values as text that is the same for
every engine: integers and decimals in decimal, doubles as Python prints them, timestamps in microseconds
since 1970, maps as sorted pairs.
"""
import datetime
import decimal
import glob
import json
import os
import sys

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def number(value):
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(float(value))


def plain(value, kind):
    """A value as JSON of text, by its Arrow type."""
    import pyarrow.types as types

    if value is None:
        return None
    if types.is_struct(kind):
        return {kind.field(at).name: plain(value[kind.field(at).name], kind.field(at).type) for at in range(kind.num_fields)}
    if types.is_map(kind):
        pairs = value.items() if isinstance(value, dict) else value
        return sorted([plain(key, kind.key_type), plain(item, kind.item_type)] for key, item in pairs)
    if types.is_list(kind) or types.is_large_list(kind):
        return [plain(item, kind.value_type) for item in value]
    if types.is_boolean(kind):
        return "true" if value else "false"
    if types.is_floating(kind):
        return number(value)
    if types.is_timestamp(kind):
        moment = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        delta = moment - EPOCH
        return str(delta // datetime.timedelta(microseconds=1))
    if types.is_binary(kind) or types.is_large_binary(kind):
        return bytes(value).hex()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    return str(value)


def with_delta_rs(directory):
    from deltalake import DeltaTable

    return DeltaTable(directory).to_pyarrow_table()


def with_duckdb(directory):
    """DuckDB over the files that delta-rs says are live."""
    import duckdb
    from deltalake import DeltaTable

    live = DeltaTable(directory).to_pyarrow_dataset()
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.register("live", live)
    return connection.execute("SELECT * FROM live").to_arrow_table()


def print_rows(directory, table):
    for row in table.to_pylist():
        record = {field.name: plain(row[field.name], field.type) for field in table.schema}
        print(json.dumps({"table": directory, "row": record}))


def spark_value(value, kind):
    from pyspark.sql import types

    if value is None:
        return None
    if isinstance(kind, types.StructType):
        return {field.name: spark_value(value[field.name], field.dataType) for field in kind.fields}
    if isinstance(kind, types.MapType):
        return sorted([spark_value(key, kind.keyType), spark_value(item, kind.valueType)] for key, item in value.items())
    if isinstance(kind, types.ArrayType):
        return [spark_value(item, kind.elementType) for item in value]
    if isinstance(kind, types.BooleanType):
        return "true" if value else "false"
    if isinstance(kind, (types.DoubleType, types.FloatType)):
        return number(value)
    if isinstance(kind, types.TimestampType):
        return str((value.astimezone(datetime.timezone.utc) - EPOCH) // datetime.timedelta(microseconds=1))
    if isinstance(kind, types.BinaryType):
        return bytes(value).hex()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    return str(value)


def with_spark(directories):
    from pyspark.sql import SparkSession

    jars = ",".join(glob.glob(os.path.join(os.environ["DELTA_JARS"], "*.jar")))
    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.jars", jars)
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "1")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    for directory in directories:
        frame = spark.read.format("delta").load(directory)
        for row in frame.collect():
            record = {field.name: spark_value(row[field.name], field.dataType) for field in frame.schema.fields}
            print(json.dumps({"table": directory, "row": record}))
    spark.stop()


engine, *directories = sys.argv[1:]
if engine == "spark":
    with_spark(directories)
else:
    for place in directories:
        print_rows(place, with_delta_rs(place) if engine == "delta-rs" else with_duckdb(place))
# Not through the interpreter's end: the engines' own threads can hang or abort there.
sys.stdout.flush()
os._exit(0)
