import { stageFile, staging } from './new-root.ts'

/** What lets the text below hold bash's own braces. */
const $ = '$'

/** Where the inner user namespace is held open, as seen inside. */
export const innerNamespace = '/proc/1/fd/9'

/**
 * The first process of an embedded sandbox: a bash program that runs in fresh namespaces with all capabilities over
 * them. It puts the new root together, makes the inner user namespace in which everything runs, and then holds the
 * sandbox open until its standard input ends.
 *
 * It says its process number on the host, and waits on standard input for what `keeperFields` gives, which also tells
 * that its own ids are mapped. Then it says `ready`. What goes wrong is on standard error, and ends it. From then on
 * each field is the place of an overlay that is to forget what it remembers of its lower layers: it says `refreshed`, or
 * `failed`.
 *
 * The work inside has another user namespace: it has no power over this process, over the mounts, or over the number of
 * namespaces, which is used up.
 */
export const keeper = String.raw`
unset DRYDOCK_KEEPER
set -e
umask 022
for fd in /proc/self/fd/*; do fd=${$}{fd##*/}; ((fd > 2)) && exec {fd}>&-; done
read -r pid _ </proc/self/stat
echo "$pid"

# SIOCSIFFLAGS with IFF_UP (netdevice(7)), where there is no ip.
raise='socket(S, 2, 2, 0) and ioctl(S, 0x8914, pack("Z16 s x22", "lo", 1)) or exit 1'
also_raise='import fcntl, socket, struct; fcntl.ioctl(socket.socket(2, 2), 0x8914, struct.pack("16sh22x", b"lo", 1))'
{
  hostname drydock || :
  ip link set lo up || perl -e "$raise" || python3 -c "$also_raise" || ifconfig lo up || :
} </dev/null >/dev/null 2>&1 &
network=$!

read -r -d '' unshare || exit
read -r -d '' pids
read -r -d '' uid_map
read -r -d '' gid_map
read -r -d '' root
read -r -d '' stage

# One more namespace, and then none: it comes up beside the mounts.
echo 1 >/proc/sys/user/max_user_namespaces
ulimit -u "$pids"
coproc inner { exec "$unshare" --user -- cat; }

mount --no-mtab -t tmpfs -o mode=755,nosuid,size=8m tmpfs ${staging}
cd ${staging}
cp --recursive --no-dereference -- "$root/." .
exec ${stageFile}<"$stage"
mount --no-mtab --all --fstab "$stage/fstab"
exec ${stageFile}<&-
pivot_root . run
cd /
umount --no-mtab --lazy /run &
old=$!
mount --no-mtab -o remount,bind,ro,nosuid tmpfs /
wait "$old"

# Where it has ended, it has said why.
[[ -n ${$}{inner[1]} ]] || exit
echo >&"${$}{inner[1]}"
read -r -u "${$}{inner[0]}" _
echo "$uid_map" >"/proc/$inner_PID/uid_map"
echo "$gid_map" >"/proc/$inner_PID/gid_map"
exec 9<"/proc/$inner_PID/ns/user"
kill -KILL "$inner_PID"
wait "$network" || :
echo ready
# What loses its parent inside is reaped by bash itself while it reads.
while read -r -d '' workspace; do
  if mount --no-mtab -o remount,nosuid,nodev overlay "$workspace"; then echo refreshed; else echo failed; fi
done
`

/**
 * What the keeper reads before it begins: where unshare is, the most of processes, the inner maps as lines of a uid_map
 * (user_namespaces(7)), and the folders of the host that `writeRoot` has made.
 */
export function keeperFields(fields: {
  unshare: string
  pids: number
  uidMap: string
  gidMap: string
  root: string
  stage: string
}): string {
  const { unshare, pids, uidMap, gidMap, root, stage } = fields
  return [unshare, pids, uidMap, gidMap, root, stage].map((field) => `${field}\0`).join('')
}
