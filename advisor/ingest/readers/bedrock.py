"""Recorded calls of AWS Bedrock."""

from advisor.ingest.readers.cloud_pair import CloudPair
from advisor.ingest.vendors.bedrock import VENDOR

READER = CloudPair(name="bedrock", rank=27, vendor=VENDOR, hosts=("bedrock-runtime", "://bedrock."))
