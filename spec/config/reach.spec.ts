import { readFileSync, readdirSync, statSync } from 'node:fs'
import { expect } from 'chai'
import { Reach } from '../../lib/config/reach.ts'
import { Folder } from '../support/folder.ts'

describe('what a project may reach', () => {
  const folder = new Folder()

  it('is kept for each project, once, for the person alone', () => {
    const file = folder.at('network.json')
    const reach = new Reach(file)
    expect(reach.of('/a')).to.deep.equal([])
    reach.allow('/a', 'one.example:443')
    reach.allow('/a', 'two.example:80')
    reach.allow('/a', 'one.example:443')
    reach.allow('/b', 'three.example:443')
    expect(new Reach(file).of('/a')).to.deep.equal(['one.example:443', 'two.example:80'])
    expect(new Reach(file).of('/b')).to.deep.equal(['three.example:443'])
    expect(statSync(file).mode & 0o777).to.equal(0o600)
  })

  for (const broken of ['', '[]', '{"version":2,"projects":{}}', '{"version":1,"projects":{"/a":[1]}}', '{"version":1'])
    it(`is nothing where the file is ${broken || 'empty'}, and that is kept aside`, () => {
      const file = folder.write('broken.json', broken)
      const reach = new Reach(file)
      expect(reach.of('/a')).to.deep.equal([])
      reach.allow('/a', 'one.example:443')
      expect(reach.of('/a')).to.deep.equal(['one.example:443'])
      const kept = readdirSync(folder.path).filter((name) => name.startsWith('broken.json.broken-'))
      expect(kept.map((name) => readFileSync(folder.at(name), 'utf8'))).to.include(broken)
    })
})
