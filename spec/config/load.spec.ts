import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, symlinkSync } from 'node:fs'
import { resolve } from 'node:path'
import { readEnvironment } from '../../lib/config/environment.ts'
import { loadConfig, type Loaded } from '../../lib/config/load.ts'
import { Folder } from '../support/folder.ts'

const defaults = resolve('default.toml')

const notAllowed = (model: string) =>
  `policy ~/policy.toml: does not allow the model "${model}"; allowed are anthropic/*, openai/gpt-?`

interface Layers {
  user?: string | Uint8Array
  project?: string
  policy?: string
  environment?: Record<string, string>
  flags?: Record<string, unknown>
}

describe('the configuration', () => {
  const folder = new Folder()

  const load = ({ user, project, policy, environment, flags }: Layers): Loaded => {
    if (user !== undefined) folder.write('config.toml', user)
    if (policy !== undefined) folder.write('policy.toml', policy)
    return loadConfig({
      defaults,
      user: folder.at('config.toml'),
      project:
        project === undefined
          ? undefined
          : { name: '.drydock/config.toml', path: folder.at('.drydock/config.toml'), bytes: Buffer.from(project) },
      environment: readEnvironment({ HOME: folder.path, ...environment }),
      flags,
      policy: folder.at('policy.toml'),
    })
  }
  const sentence = (layers: Layers) => folder.failure(() => load(layers))
  const addresses = (environment: Record<string, string>) => {
    const { openai, anthropic } = load({ environment }).config.providers
    return [openai!.base_url, anthropic!.base_url]
  }
  const memoryOf = (written: string) => load({ user: `[sandbox]\nmemory = ${written}` }).config.sandbox.memory

  describe('in layers', () => {
    it('is that of default.toml where nobody says otherwise', () => {
      const { config, origin } = load({})
      const { providers, ...rest } = config
      expect(rest).to.deep.equal({
        model: '',
        mode: 'review',
        language: '',
        theme: 'auto',
        ignore: [],
        policy: {
          read: 'allow',
          write: 'allow',
          run: 'allow',
          network: 'ask',
          project: 'ask',
          discard: 'ask',
          secrets: 'ask',
        },
        sandbox: {
          backend: 'auto',
          require: 'any',
          image: 'auto',
          memory: 4 * 2 ** 30,
          cpus: 2,
          pids: 512,
          disk: 20 * 1024 ** 3,
          env: [],
          hide: [],
          services: [],
          network: { allow: [] },
        },
        limits: {
          steps: 100,
          command_seconds: 600,
          output_bytes: 30000,
          cost: 0,
          seconds: 0,
          workspace_disk: 10 * 2 ** 30,
        },
        screen: { mouse: true, escape_ms: 25, keys: 'usual', away_minutes: 30, notify: 'auto', colors: 'auto' },
        log: { level: 'info' },
      })
      expect(Object.entries(providers).map(([name, { protocol, key_required }]) => [name, protocol, key_required]))
        .to //
        .deep.equal([
          ['openai', 'openai', true],
          ['anthropic', 'anthropic', true],
          ['ollama', 'openai', false],
        ])
      expect(origin('mode')).to.equal('default')
    })

    it('lets each layer say more than the one below it', () => {
      const user = 'model = "openai/u"\nmode = "turn"\nlanguage = "u"\ntheme = "light"\n[limits]\nsteps = 50'
      const project = 'model = "openai/p"\nlanguage = "p"\ntheme = "p"\n[limits]\nsteps = 40'
      const environment = { DRYDOCK_MODEL: 'openai/e', DRYDOCK_THEME: 'e' }
      const flags = { model: 'openai/f', 'limits.cost': 2, 'limits.seconds': undefined }
      const { config, origin } = load({ user, project, environment, flags })
      const { model, theme, language, mode, limits } = config
      expect({ model, theme, language, mode, limits }).to.deep.equal({
        model: 'openai/f',
        theme: 'e',
        language: 'p',
        mode: 'turn',
        limits: {
          steps: 40,
          command_seconds: 600,
          output_bytes: 30000,
          cost: 2,
          seconds: 0,
          workspace_disk: 10 * 2 ** 30,
        },
      })
      const keys = ['model', 'theme', 'language', 'mode', 'limits.cost', 'limits.steps', 'limits.seconds']
      expect(keys.map((key) => origin(key).replace(folder.path, '~'))).to.deep.equal([
        'flag',
        'environment',
        '~/.drydock/config.toml',
        '~/config.toml',
        'flag',
        '~/.drydock/config.toml',
        'default',
      ])
    })

    it('takes addresses of services from the variables that other programs read', () => {
      expect(
        addresses({ OPENAI_BASE_URL: 'http://127.0.0.1:1/v1/', ANTHROPIC_BASE_URL: 'http://127.0.0.1:2' }),
      ).to.deep.equal(['http://127.0.0.1:1/v1', 'http://127.0.0.1:2/v1'])
      expect(addresses({ OPENAI_BASE_URL: '', ANTHROPIC_BASE_URL: 'http://h/v1/' })).to.deep.equal([
        'https://api.openai.com/v1',
        'http://h/v1',
      ])
    })

    it('makes a provider of little, and adds to one that is there', () => {
      const user = `
        [providers.local]
        base_url = "http://localhost:8000/v1"
        key_required = false
        [providers.openai.models."o/1.5"]
        context = 9000`
      const { providers } = load({ user }).config
      expect(providers['local']).to.deep.equal({
        protocol: 'openai',
        base_url: 'http://localhost:8000/v1',
        key_required: false,
        headers: {},
        models: {},
      })
      expect(Object.keys(providers['openai']!.models)).to.include('o/1.5').and.include('gpt-5')
      expect(providers['openai']!.models['o/1.5']).to.deep.equal({ context: 9000 })
    })

    it('reads sizes as people write them', () => {
      const written = ['"512m"', '"4G"', '"1.5g"', '"64MiB"', '"20000k"', '"100000000"', '100000000', '"1 t"']
      expect(written.map(memoryOf)).to.deep.equal([
        512 * 2 ** 20,
        4 * 2 ** 30,
        1.5 * 2 ** 30,
        64 * 2 ** 20,
        20000 * 2 ** 10,
        100000000,
        100000000,
        2 ** 40,
      ])
    })

    it('is frozen, all of it', () => {
      const { config } = load({})
      const thaw = (value: object): string[] =>
        Object.entries(value).flatMap(([key, inner]) =>
          typeof inner === 'object' && inner !== null ? [...(Object.isFrozen(inner) ? [] : [key]), ...thaw(inner)] : [],
        )
      expect([Object.isFrozen(config), thaw(config)]).to.deep.equal([true, []])
    })

    it('holds no value that nobody gave it, not even those that every object has', () => {
      const { config } = load({ user: '[providers.constructor]\nbase_url = "http://h/v1"' })
      expect(config.providers['constructor']!.base_url).to.equal('http://h/v1')
      expect([config.providers['toString'], config.providers['openai']!.models['__proto__']]).to.deep.equal([
        undefined,
        undefined,
      ])
      expect(sentence({ flags: { model: 'toString/x' } })).to.match(/^config --model: no provider "toString"/)
    })

    it('does not mind a byte order mark and the line ends of Windows', () => {
      expect(load({ user: '\uFEFFmode = "live"\r\n[limits]\r\nsteps = 3\r\n' }).config.limits.steps).to.equal(3)
      expect(sentence({ user: '\uFEFFmode = "live"\r\n[limits]\r\nstep = 3\r\n' })).to.equal(
        'config ~/config.toml:3: unknown key "limits.step"; did you mean "limits.steps"?',
      )
    })
  })

  describe('that is wrong', () => {
    const rows: [string, string, string][] = [
      ['a misspelt key', '\n# hello\nmodle = "a/b"', '3: unknown key "modle"; did you mean "model"?'],
      ['a misspelt table', 'model = ""\n[sandobx]\nmemory = "1g"', '2: unknown key "sandobx"; did you mean "sandbox"?'],
      [
        'a key that is like no other',
        '[limits]\nzzz = 1',
        '2: unknown key "limits.zzz"; the keys here are command_seconds, cost, output_bytes, seconds, steps, workspace_disk',
      ],
      [
        'a misspelt key in dotted form',
        'limits.steps = 3\nlimits . "stepz" = 3',
        '2: unknown key "limits.stepz"; did you mean "limits.steps"?',
      ],
      [
        'a misspelt key in braces',
        'screen = { mouse = true,\n  color = "16" }',
        '2: unknown key "screen.color"; did you mean "screen.colors"?',
      ],
      [
        'a misspelt key under a quoted one',
        '[providers.openai.models."gpt.5"]\ncontex = 3000',
        '2: unknown key "providers.openai.models.gpt.5.contex"; did you mean "providers.openai.models.gpt.5.context"?',
      ],
      [
        'a word that is not one of the choices',
        'mode = "trun"',
        '1: "mode" must be "plan", "review", "turn" or "live" (did you mean "turn"?), not "trun"',
      ],
      ['text for a number', '[limits]\nsteps = "3"', '2: "limits.steps" must be a whole number of at least 1, not "3"'],
      [
        'a number with a fraction',
        '[limits]\nsteps = 1.5',
        '2: "limits.steps" must be a whole number of at least 1, not 1.5',
      ],
      [
        'a number that is too small',
        '[limits]\nsteps = 0',
        '2: "limits.steps" must be a whole number of at least 1, not 0',
      ],
      ['a number that is none', '[limits]\ncost = nan', '2: "limits.cost" must be a number of at least 0, not NaN'],
      ['no number', '[limits]\ncost = inf', '2: "limits.cost" must be a number of at least 0, not Infinity'],
      [
        'a number out of range',
        '[screen]\nescape_ms = 5000',
        '2: "screen.escape_ms" must be a whole number from 0 to 1000, not 5000',
      ],
      ['a number for text', 'theme = 16', '1: "theme" must be the name of a theme, not 16'],
      ['a path for a theme', 'theme = "../x"', '1: "theme" must be the name of a theme, not "../x"'],
      ['text for a flag', '[screen]\nmouse = "yes"', '2: "screen.mouse" must be true or false, not "yes"'],
      ['text for a list', 'ignore = "dist"', '1: "ignore" must be a list in [brackets], not "dist"'],
      ['a number in a list', 'ignore = [\n  "a",\n  3,\n]', '3: "ignore.1" must be a pattern as in .gitignore, not 3'],
      ['a value for a table', 'limits = 3', '1: "limits" must be a [table], not 3'],
      ['tables for a table', '[[limits]]\nsteps = 3', '1: "limits" must be a [table], not a list'],
      ['a table for a value', '[model]\nname = "a/b"', '1: "model" must be "provider/model", not a table'],
      ['a date', 'limits = 2020-01-01T00:00:00Z', '1: "limits" must be a [table], not a date'],
      [
        'a size without a unit we know',
        '[sandbox]\nmemory = "4x"',
        '2: "sandbox.memory" must be a size such as "512m" or "4g", at least "16m", not "4x"',
      ],
      [
        'a size that is too small',
        '[sandbox]\nmemory = "1m"',
        '2: "sandbox.memory" must be a size such as "512m" or "4g", at least "16m", not "1m"',
      ],
      [
        'a way out with no port',
        '[sandbox.network]\nallow = ["example.org"]',
        '2: "sandbox.network.allow.0" must be a name and a port, such as "mirror.example.org:443" or "*.example.net:80", not "example.org"',
      ],
      [
        'a way out with an address',
        '[sandbox.network]\nallow = ["127.0.0.1:80"]',
        '2: "sandbox.network.allow.0" must be a name and a port, such as "mirror.example.org:443" or "*.example.net:80", not "127.0.0.1:80"',
      ],
      [
        'a way out with an address of IPv6',
        '[sandbox.network]\nallow = ["[::1]:80"]',
        '2: "sandbox.network.allow.0" must be a name and a port, such as "mirror.example.org:443" or "*.example.net:80", not "[::1]:80"',
      ],
      [
        'a way out with a star in the middle',
        '[sandbox.network]\nallow = ["a.*.org:443"]',
        '2: "sandbox.network.allow.0" must be a name and a port, such as "mirror.example.org:443" or "*.example.net:80", not "a.*.org:443"',
      ],
      [
        'a way out with a star alone',
        '[sandbox.network]\nallow = ["*:443"]',
        '2: "sandbox.network.allow.0" must be a name and a port, such as "mirror.example.org:443" or "*.example.net:80", not "*:443"',
      ],
      [
        'a way out with a port that is none',
        '[sandbox.network]\nallow = ["example.org:0"]',
        '2: "sandbox.network.allow.0" must be a name and a port, such as "mirror.example.org:443" or "*.example.net:80", not "example.org:0"',
      ],
      [
        'a way out with a port too high',
        '[sandbox.network]\nallow = ["example.org:65536"]',
        '2: "sandbox.network.allow.0" must be a name and a port, such as "mirror.example.org:443" or "*.example.net:80", not "example.org:65536"',
      ],
      [
        'a way out with an address of the web',
        '[sandbox.network]\nallow = ["https://example.org:443"]',
        '2: "sandbox.network.allow.0" must be a name and a port, such as "mirror.example.org:443" or "*.example.net:80", not "https://example.org:443"',
      ],
      [
        'a service elsewhere',
        '[sandbox]\nservices = ["db.example:5432"]',
        '2: "sandbox.services.0" must be a service of this machine, such as "localhost:5432", not "db.example:5432"',
      ],
      [
        'a service without a port',
        '[sandbox]\nservices = ["localhost"]',
        '2: "sandbox.services.0" must be a service of this machine, such as "localhost:5432", not "localhost"',
      ],
      ['a model without its provider', 'model = "gpt-5"', '1: "model" must be "provider/model", not "gpt-5"'],
      [
        'a model of a misspelt provider',
        '\nmodel = "opnai/gpt-5"',
        '2: no provider "opnai" is configured, which "opnai/gpt-5" needs; did you mean "openai"?',
      ],
      [
        'a model of no provider',
        'model = "zzz/gpt-5"',
        '1: no provider "zzz" is configured, which "zzz/gpt-5" needs; configured are openai, anthropic, ollama, echo, script',
      ],
      [
        'a provider without an address',
        '[providers.mine]\nkey_env = "K"',
        '1: the provider "mine" needs an address: base_url = "https://host/v1"',
      ],
      [
        'an address that is none',
        '[providers.mine]\nbase_url = "host/v1"',
        '2: "providers.mine.base_url" must be an address such as "https://host/v1", not "host/v1"',
      ],
      [
        'an address of another kind',
        '[providers.mine]\nbase_url = "file:///etc"',
        '2: "providers.mine.base_url" must be an address such as "https://host/v1", not "file:///etc"',
      ],
      [
        'an address with a key in it',
        '[providers.mine]\nbase_url = "https://u:k@host/v1"',
        '2: an address cannot hold a key; name its variable with "key_env", or save it with the program',
      ],
      [
        'a header that would be two',
        '[providers.openai.headers]\nx = "a\\r\\nb"',
        '2: "providers.openai.headers.x" holds a control character',
      ],
      ['a header without a name', '[providers.openai.headers]\n"a b" = "c"', '2: "a b" is no name of a header'],
      [
        'half a price',
        '[providers.openai.models.m]\nprice = { input = 1 }',
        '2: a price needs both "input" and "output", in US dollars for a million tokens',
      ],
      [
        'a name that no variable has',
        '[sandbox]\nenv = ["A=B"]',
        '2: "sandbox.env.0" must be the name of an environment variable, not "A=B"',
      ],
      [
        'an image that is an option',
        '[sandbox]\nimage = "--privileged"',
        '2: "sandbox.image" must be the name of an image, or "auto", not "--privileged"',
      ],
      [
        'a verdict that is none',
        '[policy]\nnetwork = "yes"',
        '2: "policy.network" must be "allow", "ask" or "deny", not "yes"',
      ],
      [
        'a risk that is none',
        '[policy]\nnetwrk = "ask"',
        '2: unknown key "policy.netwrk"; did you mean "policy.network"?',
      ],
      [
        'a key without a value',
        'model =',
        '1: this is not TOML: the file ends in the middle of an entry; text goes in "quotes"',
      ],
      [
        'text without quotes',
        'mode = "turn"\nmodel = openai',
        '2: this is not TOML: "o" cannot stand here; text goes in "quotes"',
      ],
      [
        'text without its end',
        'model = "a/b\n',
        '1: this is not TOML: the line ends in the middle of an entry; text goes in "quotes"',
      ],
      ['a key that is there twice', 'mode = "turn"\n\nmode = "live"', "3: cannot redefine existing key 'mode'"],
      ['a table that is there twice', '[limits]\n[limits]', "2: cannot redefine existing key 'limits'"],
    ]
    for (const [name, text, expected] of rows)
      it(`says so: ${name}`, () => expect(sentence({ user: text })).to.equal(`config ~/config.toml:${expected}`))

    it('says so: in the environment', () => {
      expect(sentence({ environment: { DRYDOCK_MODE: 'alive' } })).to.equal(
        'config DRYDOCK_MODE: "mode" must be "plan", "review", "turn" or "live" (did you mean "live"?), not "alive"',
      )
      expect(sentence({ environment: { OPENAI_BASE_URL: 'localhost' } })).to.equal(
        'config OPENAI_BASE_URL: "providers.openai.base_url" must be an address such as "https://host/v1", not "localhost"',
      )
    })

    it('says so: on the command line', () => {
      expect(sentence({ flags: { 'limits.cost': -1 } })).to.equal(
        'config --max-cost: "limits.cost" must be a number of at least 0, not -1',
      )
      expect(sentence({ flags: { model: 'opnai/gpt-5' } })).to.equal(
        'config --model: no provider "opnai" is configured, which "opnai/gpt-5" needs; did you mean "openai"?',
      )
    })

    it('points at file and line in its data, too', () => {
      try {
        load({ user: '\nmodle = 3' })
      } catch (error) {
        expect(error).to.include({ code: 'config', file: folder.at('config.toml'), line: 2 })
        return
      }
      throw new Error('nothing was thrown')
    })
  })

  describe('that cannot be read', () => {
    it('is a folder', () => {
      folder.write('config.toml/file', '')
      expect(sentence({})).to.equal('config ~/config.toml: is a folder, where a file belongs; move it away')
    })

    it('is not UTF-8', () => {
      const bytes = Buffer.from([...Buffer.from('mode = "turn"\nlanguage = "'), 0xff, 0x22])
      expect(sentence({ user: bytes })).to.equal('config ~/config.toml:2: is not UTF-8 text; save the file as UTF-8')
    })

    it('is far too large', () => {
      expect(sentence({ user: '#'.repeat(1024 * 1024 + 1) })).to.equal(
        'config ~/config.toml: is larger than 1024 KiB, which no such file needs to be; make it smaller',
      )
    })

    it('is a pipe that nobody writes into', () => {
      expect(spawnSync('mkfifo', [folder.at('config.toml')]).status).to.equal(0)
      expect(sentence({})).to.equal('config ~/config.toml: is not a regular file; move it away')
    })

    it('may not be read', () => {
      folder.write('config.toml', 'mode = "turn"', 0o000)
      chmodSync(folder.path, 0o755)
      // The clone may lie where only its owner can read.
      const ours = folder.write('default.toml', readFileSync(defaults), 0o644)
      const sources = {
        defaults: ours,
        user: folder.at('config.toml'),
        environment: readEnvironment({ HOME: folder.path }),
      }
      const root = process.geteuid!() === 0
      if (root) process.seteuid!(65534)
      try {
        expect(folder.failure(() => loadConfig({ ...sources, policy: folder.at('policy.toml') }))).to.equal(
          'config ~/config.toml: cannot be read (permission denied); check its permissions',
        )
      } finally {
        if (root) process.seteuid!(0)
      }
    })

    it('is our own and is gone', () => {
      const environment = readEnvironment({ HOME: folder.path })
      const missing = { defaults: folder.at('no.toml'), user: folder.at('u'), environment, policy: folder.at('p') }
      expect(folder.failure(() => loadConfig(missing))).to.equal('config ~/no.toml: is missing; install Drydock again')
    })
  })

  describe('of a project', () => {
    const refused: [string, string, string][] = [
      ['mode', 'mode = "live"', '1: "mode" cannot be set by a project; that belongs in your own config.toml'],
      [
        'policy',
        '\n[policy]\nnetwork = "allow"',
        '2: "policy" cannot be set by a project; that belongs in your own config.toml',
      ],
      [
        'providers',
        '[providers.openai]\nbase_url = "https://elsewhere/v1"',
        '1: "providers" cannot be set by a project; that belongs in your own config.toml',
      ],
      [
        'image',
        '[sandbox]\nimage = "evil"',
        '2: "sandbox.image" cannot be set by a project; that belongs in your own config.toml',
      ],
      [
        'the kind of sandbox',
        '[sandbox]\nbackend = "embedded"',
        '2: "sandbox.backend" cannot be set by a project; that belongs in your own config.toml',
      ],
      [
        'what a sandbox must be',
        '[sandbox]\nrequire = "any"',
        '2: "sandbox.require" cannot be set by a project; that belongs in your own config.toml',
      ],
      [
        'environment',
        '[sandbox]\nenv = ["AWS_SECRET"]',
        '2: "sandbox.env" cannot be set by a project; that belongs in your own config.toml',
      ],
      [
        'services',
        '[sandbox]\nservices = ["localhost:5432"]',
        '2: "sandbox.services" cannot be set by a project; that belongs in your own config.toml',
      ],
      [
        'what is masked',
        '[sandbox]\nhide = ["!.env"]',
        '2: "sandbox.hide" cannot be set by a project; that belongs in your own config.toml',
      ],
      [
        'what may be reached',
        '[sandbox.network]\nallow = ["example.org:443"]',
        '1: "sandbox.network" cannot be set by a project; that belongs in your own config.toml',
      ],
      [
        'more steps',
        '[limits]\nsteps = 101',
        '2: "limits.steps" is 101, above your own 100; a project may only lower a limit',
      ],
      [
        'more memory',
        '[sandbox]\nmemory = "5g"',
        '2: "sandbox.memory" is 5368709120, above your own 4294967296; a project may only lower a limit',
      ],
      [
        'a model of another provider',
        'model = "mine/m"',
        '1: "model" is "mine/m", of no provider that you configured; a project may choose among yours: openai, anthropic, ollama',
      ],
      [
        'a scripted model',
        'model = "script/x.txt"',
        '1: "model" is "script/x.txt", no model service; a project may choose among yours: openai, anthropic, ollama',
      ],
      ['a misspelt key', 'modle = "a/b"', '1: unknown key "modle"; did you mean "model"?'],
    ]
    for (const [name, project, expected] of refused)
      it(`cannot set ${name}`, () => expect(sentence({ project })).to.equal(`config .drydock/config.toml:${expected}`))

    it('may lower limits, and only adds to what is left out', () => {
      const user = 'ignore = ["*.log"]\n[limits]\ncost = 5'
      const project =
        'ignore = ["dist"]\nlanguage = "Deutsch"\n[limits]\ncost = 3\nseconds = 60\nsteps = 100\n[sandbox]\nmemory = "1g"\ncpus = 0.5\npids = 100'
      const { ignore, language, limits, sandbox } = load({ user, project }).config
      expect({ ignore, language, cost: limits.cost, seconds: limits.seconds, sandbox }).to.deep.equal({
        ignore: ['*.log', 'dist'],
        language: 'Deutsch',
        cost: 3,
        seconds: 60,
        sandbox: {
          backend: 'auto',
          require: 'any',
          image: 'auto',
          memory: 2 ** 30,
          cpus: 0.5,
          pids: 100,
          disk: 20 * 1024 ** 3,
          env: [],
          hide: [],
          services: [],
          network: { allow: [] },
        },
      })
    })

    it('cannot lift a limit by taking it away', () => {
      expect(sentence({ user: '[limits]\ncost = 5', project: '[limits]\ncost = 0' })).to.equal(
        'config .drydock/config.toml:2: "limits.cost" is 0 (no limit), above your own 5; a project may only lower a limit',
      )
    })
  })

  describe("under an administrator's policy", () => {
    const close = "Nothing runs until the administrator's policy is right"

    it('is as strict as it says at least', () => {
      const user = 'model = "anthropic/m"\n[policy]\nnetwork = "allow"\nproject = "deny"\n[limits]\nsteps = 5'
      const policy =
        '[policy]\nnetwork = "ask"\nproject = "ask"\n[models]\nallow = ["anthropic/*"]\n[sandbox]\nmemory = "1g"\n[limits]\nsteps = 10\ncost = 2'
      const { config, origin, fixed } = load({ user, policy })
      const { network, project } = config.policy
      expect({ network, project, memory: config.sandbox.memory, limits: config.limits }).to.deep.equal({
        network: 'ask',
        project: 'deny',
        memory: 2 ** 30,
        limits: {
          steps: 5,
          command_seconds: 600,
          output_bytes: 30000,
          cost: 2,
          seconds: 0,
          workspace_disk: 10 * 2 ** 30,
        },
      })
      const where = (key: string) => [origin(key).replace(folder.path, '~'), fixed(key)]
      expect(['policy.network', 'policy.project', 'sandbox.memory', 'limits.cost'].map(where)).to.deep.equal([
        ['~/policy.toml', true],
        ['~/config.toml', false],
        ['~/policy.toml', true],
        ['~/policy.toml', true],
      ])
    })

    it('has the keys that it fixes, whoever says otherwise', () => {
      const { config, fixed } = load({
        policy: '[fix]\nmode = "review"\n[fix.policy]\nrun = "ask"',
        environment: { DRYDOCK_MODE: 'live' },
        flags: { mode: 'turn' },
      })
      expect([config.mode, config.policy.run, fixed('mode'), fixed('theme')]).to.deep.equal([
        'review',
        'ask',
        true,
        false,
      ])
    })

    it('cannot be made laxer by what it fixes', () => {
      const policy = '[policy]\nnetwork = "deny"\n[fix.policy]\nnetwork = "allow"'
      expect(load({ policy }).config.policy.network).to.equal('deny')
    })

    it('refuses models that it does not allow, configured or chosen later', () => {
      const policy = '[models]\nallow = ["anthropic/*", "openai/gpt-?"]'
      expect(sentence({ policy, flags: { model: 'openai/gpt-5' } })).to.equal(notAllowed('openai/gpt-5'))
      const { checkModel } = load({ policy })
      expect(folder.failure(() => checkModel('echo'))).to.equal(notAllowed('echo'))
      expect(folder.failure(() => checkModel('xanthropic/a'))).to.match(/^config no provider "xanthropic"/)
      expect(checkModel('anthropic/a/b')).to.equal(undefined)
    })

    const broken: [string, string, string][] = [
      ['a misspelt key', '[polcy]', '~/policy.toml:1: unknown key "polcy"; did you mean "policy"?'],
      [
        'a wrong verdict',
        '[policy]\nnetwork = "never"',
        '~/policy.toml:2: "policy.network" must be "allow", "ask" or "deny", not "never".',
      ],
      [
        'a syntax error',
        '[policy',
        '~/policy.toml:1: this is not TOML: the file ends in the middle of an entry; text goes in "quotes".',
      ],
      ['a wrong fixed key', '[fix]\nmodle = ""', '~/policy.toml:2: unknown key "fix.modle"; did you mean "fix.model"?'],
    ]
    for (const [name, policy, expected] of broken)
      it(`lets nothing run: ${name}`, () => expect(sentence({ policy })).to.equal(`policy ${expected} ${close}`))

    it('lets nothing run: a folder in its place', () => {
      folder.write('policy.toml/x', '')
      expect(sentence({})).to.equal(`policy ~/policy.toml: is a folder, where a file belongs; move it away. ${close}`)
    })

    it('lets nothing run: a link that leads nowhere', () => {
      symlinkSync(folder.at('nowhere'), folder.at('policy.toml'))
      expect(sentence({})).to.equal(`policy ~/policy.toml: is a link that leads nowhere. ${close}`)
    })

    it('lets nothing run: a part of its path that is no folder', () => {
      const environment = readEnvironment({ HOME: folder.path })
      const policy = `${folder.write('file', '')}/policy.toml`
      expect(folder.failure(() => loadConfig({ defaults, user: folder.at('u'), environment, policy }))).to.equal(
        `policy ~/file/policy.toml: cannot be read. ${close}`,
      )
    })
  })
})

describe('default.toml', () => {
  it('explains every key that it has, but for those of a table whose like was explained above', () => {
    const lines = readFileSync(defaults, 'utf8').split('\n')
    const explained = new Set<string>()
    const bare = lines.flatMap((line, index) => {
      const key = /^([a-z_]+) = /.exec(line)?.[1]
      if (key === undefined) return []
      if (lines[index - 1]!.startsWith('# ')) explained.add(key)
      return explained.has(key) ? [] : [key]
    })
    expect(bare).to.deep.equal([])
  })
})
