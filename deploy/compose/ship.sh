#!/bin/sh
# The smallest shipper: one event a second. curl reads the header from the file each time, so a new token is noticed.
trap 'exit 0' TERM
while true; do
  curl --silent --show-error --fail --cacert /etc/tokenward/ca.pem --header @/run/tokenward/web-01.header \
    --json '[{"text": "it is still running"}]' "$LOGS_URL/api/v2/events"
  sleep 1
done
