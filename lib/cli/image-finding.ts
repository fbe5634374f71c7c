import type { Engine } from '../sandbox/engine.ts'
import { fittedTag } from '../sandbox/foreign-image.ts'
import type { ImageChoice } from '../sandbox/image-choice.ts'
import { unmet } from '../sandbox/languages.ts'
import { projectTag } from '../sandbox/project-image.ts'
import { imageTag } from '../sandbox/recipe.ts'
import { readStamp } from '../sandbox/stamp.ts'
import type { Finding } from './finding.ts'

const about = 'image'

/** What `agent doctor` says of the image that the project gets: which, why, whether it is there, and what it lacks. */
export async function imageFindings(
  engine: Engine,
  choice: ImageChoice,
  { project, imagesDir }: { project: string; imagesDir: string },
): Promise<Finding[]> {
  const name =
    choice.kind === 'own'
      ? await imageTag(imagesDir, choice.recipe)
      : choice.kind === 'named'
        ? choice.name
        : projectTag(project, choice.devcontainer)
  const text = `${name}, ${choice.why}`
  const there = await engine.hasImage(name)
  const verb = choice.kind === 'named' ? 'fetched' : 'built'
  const found: Finding[] = [
    there
      ? { about, text }
      : {
          about,
          text: `${text}; it is not ${verb} yet`,
          todo: `It is ${verb} at the first prompt, after your yes; \`agent run --allow image\` gives the yes ahead.`,
          minor: true,
        },
  ]
  if (choice.kind !== 'own' && choice.ignored.length > 0)
    found.push({ about, text: `devcontainer.json: not followed: ${choice.ignored.join(', ')}` })
  if (choice.kind !== 'own' && there && !(await engine.hasImage(await fittedTag(engine, name, imagesDir))))
    found.push({ about, text: 'at the first prompt it is looked into, and fitted where it lacks something' })
  if (choice.kind === 'own' && there) {
    const { Config } = await engine.docker.getImage(name).inspect()
    for (const sentence of unmet(choice.found, readStamp(Config.Labels)?.versions ?? {}))
      found.push({
        about,
        text: sentence,
        todo: 'Where that matters, name an image that has it: sandbox.image, or the image of a devcontainer.json.',
        minor: true,
      })
  }
  return found
}
