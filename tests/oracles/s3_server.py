"""An S3-compatible server on 127.0.0.1, moto's, that knows one user and checks signatures.

Words of a command are separated by tabs. It prints one line of JSON with where it is and the user's keys, then answers commands on standard input with a line of
JSON each, and ends when standard input does:

    make BUCKET             makes a bucket
    put BUCKET KEY PATH     puts a file as an object
    list BUCKET PREFIX      the keys below, with the SHA-256 of each object
    uploads BUCKET          uploads in pieces that were begun and neither finished nor given up
    yaml PATH               the documents of a YAML file
"""

import hashlib
import json
import os
import sys

if "--version" in sys.argv:
    import importlib.metadata

    print(importlib.metadata.version("moto"))
    sys.exit(0)

# What comes after these first actions needs a signature by a user who may do it.
SETTING_UP = 5
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = str(SETTING_UP)
os.environ["MOTO_S3_DEFAULT_KEY_BUFFER_SIZE"] = str(64 << 20)
for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
    del os.environ[name]

import logging

import boto3
import yaml
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)


def client(service, endpoint, key, secret):
    return boto3.client(
        service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret
    )


def main():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    iam = client("iam", endpoint, "setup", "setup")
    iam.create_user(UserName="trader")
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="trader", PolicyName="all", PolicyDocument=policy)
    iam.create_user(UserName="visitor")
    keys = [iam.create_access_key(UserName=name)["AccessKey"] for name in ["trader", "visitor"]]
    pairs = {
        name: {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
        for name, key in zip(["trader", "visitor"], keys)
    }
    s3 = client("s3", endpoint, **pairs["trader"])
    print(json.dumps({"endpoint": endpoint, **pairs}), flush=True)

    def objects(bucket, prefix):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        content = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
        return {key: hashlib.sha256(content).hexdigest() for key, content in content.items()}

    def put(bucket, key, path):
        with open(path, "rb") as file:
            s3.put_object(Bucket=bucket, Key=key, Body=file.read())

    def read_yaml(path):
        with open(path) as file:
            return list(yaml.safe_load_all(file))

    commands = {
        "make": lambda bucket: s3.create_bucket(Bucket=bucket) and None,
        "put": put,
        "list": objects,
        "uploads": lambda bucket: len(s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])),
        "yaml": read_yaml,
    }
    for line in sys.stdin:
        name, *words = line.rstrip("\n").split("\t")
        print(json.dumps(commands[name](*words)), flush=True)
    server.stop()


main()
