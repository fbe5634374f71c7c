import { expect } from 'chai'
import type { Engine } from '../../lib/sandbox/engine.ts'
import { buildImage } from '../../lib/sandbox/image.ts'
import { type OwnImage, imageName, imageTag, recipeOf } from '../../lib/sandbox/recipe.ts'
import { readStamp } from '../../lib/sandbox/stamp.ts'
import { engineOrSkip, imagesDir, limits, startSandbox } from '../support/sandbox.ts'

const soak = Boolean(process.env['DRYDOCK_SOAK'])

/** An ordinary build of each language, without network: what it prints at its end. */
const builds: Record<string, { command: string; prints: string }> = {
  base: {
    command: `git init -q && echo a >a && git add a && git commit -qm one && git log --format=%an,%s && whoami && rg -c a a`,
    prints: 'Drydock,one\nagent\n1\n',
  },
  node: {
    command: `mkdir dep && cd dep && npm init -y >/dev/null && echo 'module.exports = "hello"' >index.js && npm pack --silent && cd .. &&
      npm init -y >/dev/null && npm install --silent --offline ./dep/dep-1.0.0.tgz && rm -rf node_modules && npm ci --silent --offline &&
      node -p 'require("dep")' && npm install --silent --offline --global ./dep && ls ~/.local/lib/node_modules`,
    prints: 'dep-1.0.0.tgz\nhello\ndep\n',
  },
  python: {
    command: `mkdir -p pkg/greet && cd pkg && printf '[project]\\nname = "greet"\\nversion = "1"\\n[build-system]\\nrequires = ["setuptools"]\\nbuild-backend = "setuptools.build_meta"\\n' >pyproject.toml &&
      printf '#include <Python.h>\\nstatic PyModuleDef m = {PyModuleDef_HEAD_INIT, "greet.c", 0, -1, 0};\\nPyMODINIT_FUNC PyInit_c(void) { return PyModule_Create(&m); }\\n' >c.c &&
      printf 'from setuptools import setup, Extension\\nsetup(packages=["greet"], ext_modules=[Extension("greet.c", ["c.c"])])\\n' >setup.py &&
      echo 'from . import c; word = "hello"' >greet/__init__.py &&
      pip wheel -q --no-build-isolation --no-deps -w ../out . && cd .. && pip install -q --no-index out/*.whl && python -c 'import greet; print(greet.word)' &&
      python -m venv v && v/bin/pip install -q --no-index out/*.whl && v/bin/python -c 'import greet; print(greet.word)'`,
    prints: 'hello\nhello\n',
  },
  go: {
    command: `go mod init hello 2>/dev/null && printf 'package main\\n\\n// int two(void) { return 2; }\\nimport "C"\\nimport "fmt"\\n\\nfunc main() { fmt.Println("hello", C.two()) }\\n' >main.go &&
      go vet && go build -o out . && ./out && go install . && ls ~/go/bin`,
    prints: 'hello 2\nhello\n',
  },
  rust: {
    command: `cargo init -q --vcs none --name hello && cargo build -q --offline && target/debug/hello && cargo test -q --offline >/dev/null && cargo install -q --offline --path . 2>/dev/null && hello`,
    prints: 'Hello, world!\nHello, world!\n',
  },
}

describe('the toolchains of the images', function () {
  this.timeout(soak ? 900_000 : 60_000)
  let engine: Engine

  before(async function () {
    engine = (await engineOrSkip(this)).engine
  })

  const images: OwnImage[] = soak ? ['python', 'go', 'rust', 'polyglot'] : ['node']
  for (const image of images)
    it(`build and run what they are for, as the person, in ${image}`, async () => {
      const recipe = recipeOf(image)
      const options = { dir: imagesDir, onProgress: () => undefined, signal: AbortSignal.timeout(850_000) }
      const tag = await buildImage(engine, recipe, options)
      expect([tag, imageName(recipe)]).to.deep.equal([await imageTag(imagesDir, recipe), image])
      const { Config } = await engine.docker.getImage(tag).inspect()
      const languages = recipe.toolchains.map(({ language }) => language)
      expect(readStamp(Config.Labels)!.versions).to.include.keys(...languages, 'python')
      for (const name of ['base', ...languages]) {
        const roomy = { ...limits, memory: 2 ** 30 }
        const { sh, stop } = await startSandbox(
          { engine, image: tag },
          { user: { uid: 1000, gid: 1000 }, limits: roomy },
        )
        try {
          const { command, prints } = builds[name]!
          const { stdout, stderr, exit } = await sh(command, { signal: AbortSignal.timeout(120_000) })
          expect({ name, stdout, code: exit.code, stderr: exit.code === 0 ? '' : stderr }).to.deep.equal({
            name,
            stdout: prints,
            code: 0,
            stderr: '',
          })
        } finally {
          await stop()
        }
      }
    })
})
