"""Every generated file is accepted by the real checker of its own format.

The specs are those of the property tests, and the reference site; the checkers are Debian's own,
in one container of the lab's image, so that none has to be installed on this machine.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from generator import pipeline
from generator.rendering.userdata import Rendered
from tests.golden.test_properties import made, specs
from verify.lab import host, image
from verify.lab.site import Lab

pytestmark = pytest.mark.live
ROOT = Path(__file__).parents[2]

CHECK = r"""
set -u
bad() { echo "$1: $2"; sed 's/^/    /' /tmp/said; }
for node in /bundles/*; do
  cd "$node"
  sha256sum --quiet -c SHA256SUMS > /tmp/said 2>&1 || bad "$node" sha256sum
  cloud-init schema --config-file user-data > /tmp/said 2>&1 || bad "$node" cloud-init
  for file in rootfs/etc/sudoers.d/*; do
    visudo -cf "$file" > /tmp/said 2>&1 || bad "$node" "visudo $file"
  done
  chronyd -p -f rootfs/etc/chrony/chrony.conf > /tmp/said 2>&1 || bad "$node" chronyd
  if [ -e rootfs/etc/nftables.conf ]; then
    nft -c -f rootfs/etc/nftables.conf > /tmp/said 2>&1 || bad "$node" nft
  fi
  if [ -e rootfs/etc/firewalld ]; then
    firewall-offline-cmd --system-config rootfs/etc/firewalld --check-config > /tmp/said 2>&1 ||
      bad "$node" firewalld
  fi
  if [ -e blocks/etc/fstab ]; then
    findmnt --verify --tab-file blocks/etc/fstab > /tmp/said 2>&1
    grep -q '^0 parse errors' /tmp/said || bad "$node" findmnt
  fi
  for file in rootfs/etc/ssh/authorized_keys.d/*; do
    # nobody gets in from nowhere: such a person's file has no key
    grep -q '^[^#]' "$file" || continue
    ssh-keygen -l -f "$file" > /tmp/said 2>&1 || bad "$node" "ssh-keygen $file"
  done
  for file in rootfs/etc/systemd/system/*.service; do
    systemd-analyze verify "$file" > /tmp/said 2>&1
    grep -E 'Unknown|Failed to parse|Missing|ignoring' /tmp/said && bad "$node" "systemd $file"
  done
  for file in apply rootfs/usr/local/lib/stook/* rootfs/etc/stook/*.php; do
    [ -e "$file" ] || continue
    case $(head -n 1 "$file") in
      '<?php'*) php -l "$file" > /tmp/said 2>&1 || bad "$node" "php $file" ;;
      *python3*) python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' "$file" \
        2> /tmp/said || bad "$node" "python3 $file" ;;
      *) sh -n "$file" 2> /tmp/said || bad "$node" "sh $file" ;;
    esac
  done
  if [ -e rootfs/etc/nginx/nginx.conf ]; then
    cp -r rootfs/etc/nginx rootfs/etc/php /etc/
    touch /etc/nginx/stook-denied.map
    nginx -t > /tmp/said 2>&1 || bad "$node" nginx
    php-fpm8.2 -t > /tmp/said 2>&1 || bad "$node" php-fpm
    varnishd -C -n /tmp/varnish -f "$node/rootfs/etc/varnish/default.vcl" > /tmp/said 2>&1 ||
      bad "$node" varnishd
    logrotate -d rootfs/etc/logrotate.d/nginx > /tmp/said 2>&1
    ! grep error: /tmp/said || bad "$node" logrotate
  fi
  if [ -e rootfs/etc/fail2ban ]; then
    rm -rf /tmp/fail2ban
    cp -r /etc/fail2ban /tmp/fail2ban
    cp -r rootfs/etc/fail2ban/. /tmp/fail2ban/
    touch /var/log/nginx/access.log
    fail2ban-client -c /tmp/fail2ban -t > /tmp/said 2>&1 && ! grep -E 'WARN|ERROR' /tmp/said ||
      bad "$node" fail2ban
  fi
done
echo checked $(ls /bundles | wc -l)
"""


def bundles() -> list[tuple[Rendered, ...]]:
    """One node's files of each of many valid specs, and of the reference site."""
    found: list[tuple[Rendered, ...]] = []

    @settings(max_examples=25)
    @given(specs())
    def collect(spec: dict[str, Any]) -> None:
        _, rendered = made(spec)
        found.append(next(files for node, files in rendered.files.items() if node))

    collect()
    run = pipeline.run(ROOT / "bundles/ha-wordpress")
    assert run.rendered
    found.append(run.rendered.files["node-gfs1"])
    return found


def archive(sites: list[tuple[Rendered, ...]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for index, files in enumerate(sites):
            for file in files:
                entry = tarfile.TarInfo(f"bundles/{index:03d}/{file.path}")
                entry.size, entry.mode = len(file.content), file.mode
                tar.addfile(entry, io.BytesIO(file.content))
    return out.getvalue()


@pytest.fixture
def container() -> Iterator[Any]:
    client = host.engine()
    packages = Lab(ROOT / "bundles/ha-wordpress", client=client).topology.packages
    name = image.obtain(client, packages, print)
    made_ = client.containers.run(
        name,
        ["sleep", "600"],
        detach=True,
        network_mode="none",
        entrypoint=[],
        # nft asks the kernel, also where it only checks
        cap_add=["NET_ADMIN"],
    )
    try:
        yield made_
    finally:
        made_.remove(force=True)


def test_every_file_is_accepted_by_its_own_checker(container: Any) -> None:
    sites = bundles()
    assert len(sites) > 20
    container.put_archive("/", archive(sites))
    done = container.exec_run(["sh", "-c", CHECK])
    assert done.output.decode().splitlines() == [f"checked {len(sites)}"]


def test_the_checkers_do_refuse(container: Any) -> None:
    """A checker that accepts everything would make the test above worthless."""
    run = pipeline.run(ROOT / "bundles/ha-wordpress")
    assert run.rendered
    broken = {
        "rootfs/etc/sudoers.d/stook-ops": b"ops ALL=(ALL NOPASSWD\n",
        "rootfs/etc/chrony/chrony.conf": b"sever x\n",
        "rootfs/etc/firewalld/zones/world.xml": b"<zone><nonsense/></zone>\n",
        "blocks/etc/fstab": b"UUID=1 /a\n",
        "rootfs/etc/ssh/authorized_keys.d/ops": b"ssh-ed25519 nonsense\n",
        "rootfs/usr/local/lib/stook/gluster-keep": b"#!/usr/bin/python3 -I\nif\n",
        "rootfs/usr/local/lib/stook/wordpress-put": b"if\n",
        "rootfs/etc/stook/wordpress.php": b"<?php define('A', 'b'c');\n",
        "rootfs/etc/nginx/nginx.conf": b"events { } http { root /a; root /b; }\n",
        "rootfs/etc/php/8.2/fpm/pool.d/www.conf": b"[www]\nuser = www-data\n",
        "rootfs/etc/varnish/default.vcl": b"vcl 4.1; backend default none; sub vcl_recv { x }\n",
        "rootfs/etc/logrotate.d/nginx": b"/var/log/nginx/*.log { nonsense }\n",
        "rootfs/etc/fail2ban/jail.d/01-nginx-wp-xmlrpc.conf": b"[a]\nenabled = 1\nfilter = none\n",
        "user-data": b"#cloud-config\nwrite_files: 3\n",
    }
    files = tuple(
        Rendered(f.path, (broken.get(f.path, f.content),), f.mode)
        for f in run.rendered.files["node-gfs1"]
    )
    files += (Rendered("rootfs/etc/nftables.conf", (b"table inet x { chain y { ports 1 } }\n",)),)
    container.put_archive("/", archive([files]))
    said = container.exec_run(["sh", "-c", CHECK]).output.decode()
    words: tuple[str, ...] = (
        "sha256sum",
        "cloud-init",
        "visudo",
        "chronyd",
        "firewalld",
        "nft",
        "ssh-keygen",
        "sh ",
        "python3 ",
    )
    words += ("php ", "nginx", "php-fpm", "varnishd", "logrotate", "fail2ban")
    for word in (*words, "findmnt"):
        assert f"/bundles/000: {word}" in said, (word, said)
