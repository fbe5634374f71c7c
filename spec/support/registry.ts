import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'

/** A registry on loopback with one image in it, of one small file: as much of distribution's HTTP API V2 as a pull takes. */
export interface Registry {
  /** What the image is called to an engine of this machine. */
  image: string
  close(): Promise<void>
}

const type = 'application/vnd.docker.distribution.manifest.v2+json'

export async function startRegistry(): Promise<Registry> {
  const tar = pack()
  tar.entry({ name: 'from-a-registry' }, 'yes')
  tar.finalize()
  const pieces: Buffer[] = []
  for await (const piece of tar) pieces.push(piece as Buffer)
  const plain = Buffer.concat(pieces)
  const layer = gzipSync(plain)
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digest(plain)] },
    }),
  )
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: type,
    config: {
      mediaType: 'application/vnd.docker.container.image.v1+json',
      size: config.length,
      digest: digest(config),
    },
    layers: [
      { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: layer.length, digest: digest(layer) },
    ],
  })
  const blobs = new Map([config, layer].map((blob) => [`/v2/spec/blobs/${digest(blob)}`, blob]))
  const server = createServer(({ url = '', method }, answer) => {
    const blob = blobs.get(url)
    if (url === '/v2/') answer.end('{}')
    else if (url === '/v2/spec/manifests/1' || url === `/v2/spec/manifests/${digest(manifest)}`) {
      const headers = {
        'content-type': type,
        'content-length': manifest.length,
        'docker-content-digest': digest(manifest),
      }
      answer.writeHead(200, headers)
      answer.end(method === 'HEAD' ? undefined : manifest)
    } else if (blob) answer.end(blob)
    else answer.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { image: `127.0.0.1:${(server.address() as AddressInfo).port}/spec:1`, close }
}

function digest(data: Buffer | string): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`
}
