"""Files of any container, as rows: unpacked, decoded, and taken apart into JSON values."""
