import { expect } from 'chai'
import { ownUnshare } from '../../lib/sandbox/host-tools.ts'
import { forbidden } from '../../lib/sandbox/obstacle.ts'

const by = (settings: Record<string, string>) => forbidden('unshare failed', (name) => settings[name])

describe('what keeps the embedded sandbox from working', () => {
  it('is told by the switch that forbids it, with what turns it', () => {
    const [debian, none] = [{ 'kernel/unprivileged_userns_clone': '0' }, { 'user/max_user_namespaces': '0' }]
    expect(by(debian).reason).to.match(/^the kernel gives user namespaces to root alone/)
    expect(by(debian).todo).to.include('kernel.unprivileged_userns_clone=1')
    expect(by(none).reason).to.match(/^the kernel is set to make no user namespaces/)
    expect(by(none).todo).to.include('user.max_user_namespaces=10000')
  })

  it('is told where AppArmor forbids it, with a profile for a copy of unshare that is Drydock\u2019s alone', () => {
    const { reason, todo } = by({ 'kernel/apparmor_restrict_unprivileged_userns': '1' })
    expect(reason).to.equal('AppArmor gives user namespaces to no program that it does not know')
    expect(todo).to.include(`sudo install -D -m 0550 -g "$(id -gn)" /usr/bin/unshare ${ownUnshare}\n`)
    expect(/<<'PROFILE'\n([^]*)PROFILE\n/.exec(todo)?.[1]).to.equal(
      `abi <abi/4.0>,\nprofile drydock ${ownUnshare} flags=(unconfined) {\n  userns,\n}\n`,
    )
  })

  it('is what the attempt said where no switch is set', () => {
    expect(by({}).reason).to.include('unshare failed')
  })
})
