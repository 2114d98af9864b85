"""Recorded calls of Gemini, through its own API or Vertex AI."""

from advisor.ingest.readers.cloud_pair import CloudPair
from advisor.ingest.vendors.gemini import VENDOR

READER = CloudPair(
    name="gemini", rank=28, vendor=VENDOR, hosts=("generativelanguage.googleapis.com", "aiplatform.googleapis.com")
)
