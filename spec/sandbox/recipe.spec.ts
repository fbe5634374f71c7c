import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import type { Devcontainer } from '../../lib/config/devcontainer.ts'
import { chooseImage } from '../../lib/sandbox/image-choice.ts'
import type { Found } from '../../lib/sandbox/languages.ts'
import { nearestVersion } from '../../lib/sandbox/node-packages.ts'
import { type Recipe, imageName, imageTag, languages, layersOf, ownImages, recipeOf } from '../../lib/sandbox/recipe.ts'
import { Folder } from '../support/folder.ts'
import { imagesDir } from '../support/sandbox.ts'

const node: Found = { language: 'node', marker: 'web/package.json' }
const python: Found = { language: 'python', marker: 'setup.py' }
const old: Found = { ...node, wish: { text: '18', range: '18', from: '.nvmrc' } }

const devcontainer = (source: Devcontainer['source'], ...ignored: string[]) => ({
  path: '.devcontainer.json',
  source,
  ignored,
  dockerfile: Buffer.from('FROM a'),
})

describe('the choice of an image', () => {
  const built = devcontainer({ dockerfile: 'Dockerfile', context: '.', args: {} }, 'mounts')
  const rows: [what: string, wanted: string, project: Parameters<typeof chooseImage>[1], chosen: unknown][] = [
    [
      'no language',
      'auto',
      { found: () => [] },
      { kind: 'own', recipe: { toolchains: [] }, found: [], why: 'no language was found' },
    ],
    [
      'one language',
      'auto',
      { found: () => [old] },
      {
        kind: 'own',
        recipe: { toolchains: [{ language: 'node', range: '18' }] },
        found: [old],
        why: 'for web/package.json',
      },
    ],
    [
      'two languages',
      'auto',
      { found: () => [python, node] },
      {
        kind: 'own',
        recipe: { toolchains: [{ language: 'python' }, { language: 'node' }] },
        found: [python, node],
        why: 'for setup.py, web/package.json',
      },
    ],
    [
      'an image of a devcontainer.json',
      'auto',
      { found: () => [node], devcontainer: devcontainer({ image: 'node' }, 'runArgs') },
      { kind: 'named', name: 'node', ignored: ['runArgs'], why: '.devcontainer.json says so' },
    ],
    [
      'a Dockerfile of a devcontainer.json',
      'auto',
      { found: () => [node], devcontainer: built },
      { kind: 'built', devcontainer: built, ignored: ['mounts'], why: '.devcontainer.json says so' },
    ],
    [
      'an image of ours by its name, in the version that the project asks for',
      'node',
      { found: () => [python, old], devcontainer: built },
      {
        kind: 'own',
        recipe: { toolchains: [{ language: 'node', range: '18' }] },
        found: [python, old],
        why: 'sandbox.image says so',
      },
    ],
    [
      'an image by its name',
      'node:22',
      { found: () => [node], devcontainer: built },
      { kind: 'named', name: 'node:22', ignored: [], why: 'sandbox.image says so' },
    ],
  ]
  for (const [what, wanted, project, chosen] of rows)
    it(`is: ${what}`, () => expect(chooseImage(wanted, project)).to.deep.equal(chosen))
})

describe('a recipe', () => {
  const folder = new Folder()
  const copy = () => {
    for (const name of ['base', ...languages])
      folder.write(`${name}.Dockerfile`, readFileSync(`${imagesDir}/${name}.Dockerfile`))
  }

  it('is stacked from the base, a toolchain a layer, in one order', () => {
    expect(ownImages.map((name) => [name, recipeOf(name).toolchains.map(({ language }) => language)])).to.deep.equal([
      ['base', []],
      ['python', ['python']],
      ['node', ['node']],
      ['go', ['go']],
      ['rust', ['rust']],
      ['polyglot', ['python', 'node', 'go', 'rust']],
    ])
    expect(layersOf(recipeOf('polyglot')).map(imageName)).to.deep.equal([
      'base',
      'python',
      'polyglot',
      'polyglot',
      'polyglot',
    ])
  })

  it('has a name for its content: of its layers, not of others, and of the Node that is wanted', async () => {
    copy()
    const tags = (recipes: Recipe[]) => Promise.all(recipes.map((recipe) => imageTag(folder.path, recipe)))
    const recipes = [
      ...ownImages.map((name) => recipeOf(name)),
      recipeOf('node', [{ language: 'node', range: '18' }]),
      recipeOf('polyglot', [{ language: 'node', range: '18' }]),
    ]
    const before = await tags(recipes)
    expect(new Set(before).size).to.equal(recipes.length)
    for (const [index, tag] of before.entries())
      expect(tag).to.match(new RegExp(`^drydock-${imageName(recipes[index]!)}:[0-9a-f]{12}$`))
    folder.write('node.Dockerfile', 'FROM other')
    const after = await tags(recipes)
    const changed = recipes.filter((_, index) => before[index] !== after[index]).map(imageName)
    expect(changed).to.deep.equal(['node', 'polyglot', 'node', 'polyglot'])
  })
})

describe('the version of Node', () => {
  const versions = ['16.20.2', '18.0.0', '18.20.4', '20.1.0', '22.1.0', '22.12.0', '24.0.0', '25.0.0-rc.1']
  const rows: [range: string, version: string][] = [
    ['22', '22.12.0'],
    ['>=18', '22.12.0'],
    ['22.1.0', '22.1.0'],
    ['^22.2', '22.12.0'],
    ['18', '18.20.4'],
    ['>=23', '24.0.0'],
    ['18.99.0', '18.20.4'],
    ['17', '16.20.2'],
    ['>=25', '24.0.0'],
    ['<4', '16.20.2'],
  ]
  for (const [range, version] of rows)
    it(`is the usual one, else the range's newest, else the nearest: ${range}`, () =>
      expect(nearestVersion(versions, range)).to.equal(version))
})
