import { attack, held, none } from './attack.ts'
import { calls, python } from './calls.ts'

const reachFor = 'for path in "$VICTIM/secret.txt" "$VICTIM/inner/deep.txt" "$SOCKET"'

/** The host's files: the project, which is seen but not written, and everything else, which is not there. */
attack(
  "the host's files",
  [
    {
      what: 'the project, by every act that would change it',
      script: none(
        'echo x > /project/given.txt',
        'echo x >> /project/given.txt',
        'touch /project/new',
        'mkdir /project/new',
        'rm -f /project/given.txt',
        'mv /project/given.txt .',
        'mv -T . /project',
        'chmod 777 /project/given.txt',
        'truncate -s 0 /project/given.txt',
        'ln -s x /project/link',
        'mkfifo /project/fifo',
        'dd if=/dev/zero of=/project/given.txt count=1 status=none',
        'cp --remove-destination /etc/hostname /project/given.txt',
      ),
      ends: '',
    },
    {
      what: 'the project, mounted again, covered or uncovered',
      script: none(
        'mount -o remount,rw /project',
        'mount -o remount,bind,rw /project',
        'mount --bind /tmp /project',
        'mount -t tmpfs tmpfs /project',
        'umount /project',
        'umount -l /project',
        'umount -l "$PWD"',
        'mount -t overlay overlay -o lowerdir=/project,upperdir=/tmp,workdir=/run /project',
      ),
      ends: '',
    },
    {
      what: 'hard links to what is seen but not written, and to the system',
      script: none(
        'ln /project/given.txt linked && echo x > linked',
        'ln /etc/passwd linked && echo x > linked',
        'ln /usr/bin/env linked && echo x > linked',
        'ln /project/given.txt /tmp/linked && echo x > /tmp/linked',
        'ln -L /proc/self/fd/0 linked </project/given.txt && echo x > linked',
      ),
      ends: '',
    },
    {
      what: 'symbolic links to what is outside, read and written through',
      script: `${reachFor}; do ln -sfn "$path" out; cat out; echo x > out; ls -L out; done 2>&1 | grep -v 'No such file'; rm out`,
      ends: '',
    },
    {
      what: 'a folder that is a link to outside, and a climb from it',
      script:
        'ln -sfn "$VICTIM" folder; ln -sfn /project/../.. climb; cat folder/secret.txt "climb/$VICTIM/secret.txt" "../../../../../..$VICTIM/secret.txt" 2>&1 | grep -v "No such file"; touch folder/new; rm folder climb',
      ends: /No such file or directory$/,
    },
    {
      what: "other processes' roots, working folders and open files",
      script: `for pid in 1 $(cd /proc && echo [0-9]*) "$HOST_PID"; do for way in root cwd fd/0 fd/3 fd/5 fd/8 map_files task/$pid/root; do cat "/proc/$pid/$way/$VICTIM/secret.txt" "/proc/$pid/$way/../../../../$VICTIM/secret.txt"; done; done 2>&1 | grep -vE '${held.source}'`,
      ends: '',
    },
    {
      what: 'devices: those of the disk, made or found',
      script: `${none('mknod /tmp/disk b 254 0', 'mknod /tmp/memory c 1 1', 'mknod disk b 8 0')}; ls -d /dev/mem /dev/kmem /dev/kmsg /dev/port /dev/sd* /dev/vd* /dev/nvme* /dev/dm-* /dev/loop* /dev/fuse /dev/kvm /dev/vsock /dev/net /dev/input /dev/snd /dev/dri /dev/tty1 2>/dev/null`,
      ends: '',
    },
    {
      what: 'the system, which is seen but not written',
      script: `find / -xdev -maxdepth 2 -type d ! -path '/proc*' ! -path /tmp ! -path /run ! -path '/run/*' ! -path /dev ! -path /dev/shm ! -path /dev/mqueue ! -path /var/tmp ! -path "$HOME*" 2>/dev/null | while read -r folder; do [ "$folder" = "$PWD" ] || touch "$folder/x" 2>/dev/null && echo "$folder"; done; for file in /etc/passwd /etc/hosts /etc/gitconfig /etc/resolv.conf /bin/bash; do { echo x >> $file; } 2>/dev/null && echo $file; done`,
      ends: '',
    },
    {
      what: 'more rights by a file of the system or of its own: setuid, capabilities, another owner',
      script: [
        'cp /usr/bin/id mine; chmod 6755 mine; [ "$(./mine -u)" = "$(id -u)" ] || echo raised',
        'grep NoNewPrivs /proc/self/status',
        none(
          'chown 12345 mine',
          `python3 -c 'import os; os.setxattr("mine", "security.capability", bytes.fromhex("0100000200ffffff0000000000ffffff00000000"))'`,
        ),
        'echo | timeout 0.3 su -s /bin/sh root -c "touch /etc/x" >/dev/null 2>&1 && echo superuser',
        'rm mine',
      ].join('\n'),
      ends: /^NoNewPrivs:\s1$/,
    },
    {
      what: "the engine's socket, and those of what is under it",
      script:
        'for socket in /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock /run/podman/podman.sock /run/dbus/system_bus_socket "$XDG_RUNTIME_DIR/docker.sock"; do [ -e "$socket" ] && echo "$socket"; done; env | grep -E "DOCKER|CONTAINER_HOST|SSH|DBUS|DISPLAY"; grep -vc "^Num" /proc/net/unix',
      ends: '0',
    },
    {
      what: 'an archive whose names climb out, unpacked by every means there is',
      script: `python3 - <<'PROGRAM'
import io, os, tarfile
victim = os.environ['VICTIM']
with tarfile.open('slip.tar', 'w') as tar:
    for name in ('../' * 12 + victim[1:] + '/secret.txt', victim + '/secret.txt', '../../x', 'link'):
        member = tarfile.TarInfo(name)
        if name == 'link':
            member.type, member.linkname = tarfile.SYMTYPE, victim
            tar.addfile(member)
        else:
            member.size = 4
            tar.addfile(member, io.BytesIO(b'slip'))
    member = tarfile.TarInfo('link/secret.txt')
    member.size = 4
    tar.addfile(member, io.BytesIO(b'slip'))
PROGRAM
mkdir -p in/a/b; for tar in "tar -P" tar; do (cd in/a/b && $tar -xf ../../../slip.tar) >/dev/null 2>&1; done
(cd in/a/b && python3 -c 'import tarfile; tarfile.open("../../../slip.tar").extractall()' >/dev/null 2>&1)
rm -rf in slip.tar x; ls`,
      ends: /^given\.txt$/,
    },
    {
      what: "an overlay's own marks, set by the hand of the work",
      script: python(`
marks = ['user.overlay.opaque', 'user.overlay.redirect', 'user.overlay.metacopy', 'trusted.overlay.redirect', 'trusted.overlay.opaque']
os.makedirs('marked', exist_ok=True)
print(*[attempt(lambda: os.setxattr('marked', mark, b'/../../..' + os.environ['VICTIM'].encode())) for mark in marks])
print(*os.listdir('marked'))
os.rmdir('marked')`),
      ends: /^((done|EPERM|ENOTSUP) ?){3}EPERM EPERM$/,
    },
    {
      what: 'the variables of the host, of anybody inside',
      script: 'cat /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n" | grep -E "CANARY|OLDPWD|npm_|NODE_|MOCHA"',
      ends: '',
    },
  ],
  calls,
)
