#!/bin/sh
# Puts the file system of the image together in the folder $1, which has the program already.
set -eu
root=$1

mkdir -p "$root/usr/local/bin" "$root/etc/ssl/certs" "$root/usr/share/doc"
cp "$(command -v node)" "$root/usr/local/bin/node"
cp healthcheck "$root/usr/local/bin/healthcheck"
ln -s ../../../opt/tokenward/tokenward.js "$root/usr/local/bin/tokenward"

# Every library that one of them loads, at the path where the loader looks for it.
for program in "$root/usr/local/bin/node" "$root/usr/local/bin/healthcheck" "$root/opt/tokenward/native/koffi.node"; do
  ldd "$program"
done | awk '/=> \// { print $3 } /^\t\// { print $1 }' | sort -u > libraries
xargs -a libraries cp --parents --dereference --target-directory="$root"

# Where they come from, with their licences, and what they are for whoever scans the image.
mkdir -p "$root/var/lib/dpkg/status.d"
for package in ca-certificates $(xargs -n 1 sh -c 'dpkg-query -S "$(realpath "$0")" "$0" 2>/dev/null | head -n 1' < libraries | cut -d : -f 1 | sort -u); do
  dpkg-query --status "$package" > "$root/var/lib/dpkg/status.d/$package"
  mkdir -p "$root/usr/share/doc/$package"
  cp "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/copyright"
done
if [ -e /usr/local/LICENSE ]; then
  mkdir -p "$root/usr/share/doc/node"
  cp /usr/local/LICENSE "$root/usr/share/doc/node/copyright"
fi

cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
cat > "$root/etc/passwd" <<'PASSWD'
root:x:0:0:root:/:/nonexistent
tokenward:x:10001:10001:tokenward:/nonexistent:/nonexistent
PASSWD
cat > "$root/etc/group" <<'GROUP'
root:x:0:
tokenward:x:10001:
GROUP

# A new volume takes over the owner and the mode of the folder that it covers.
install -d -m 0700 -o 10001 -g 10001 "$root/var/lib/tokenward"
install -d -m 0755 -o 10001 -g 10001 "$root/run/tokenward"
install -d -m 0755 "$root/etc/tokenward"
install -d -m 1777 "$root/tmp"
