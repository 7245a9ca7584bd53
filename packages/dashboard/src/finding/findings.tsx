import { lineText } from '@rivven/doctor'
import { SeverityBadge } from '../parts/badge.js'
import { Command, Copy } from '../parts/copy.js'
import { Name } from '../parts/name.js'
import { hrefOf } from '../route/route.js'
import { duration, utc } from '../text/format.js'
import { visible } from '../text/visible.js'
import { moment } from '../world/moment.js'
import { byNeed, evidenceText, type Finding, keyOfFinding, type NotLookedAt } from './finding-text.js'

/** What is wrong, the worst first: what it rests on, and what to do about it. */
export function Findings({ findings, inGroup }: { findings: readonly Finding[]; inGroup?: string }) {
  return (
    <ul class="findings">
      {findings.map((finding) => (
        <li key={keyOfFinding(finding)} class={`panel finding finding-${finding.severity}`}>
          <OneFinding finding={finding} inGroup={inGroup} />
        </li>
      ))}
    </ul>
  )
}

function OneFinding({ finding, inGroup }: { finding: Finding; inGroup: string | undefined }) {
  const { check, severity, since, title, evidence, remedy, config, commands, docs } = finding
  return (
    <article>
      <h2>
        <SeverityBadge severity={severity} /> {visible(title)}
      </h2>
      <p class="dim">
        <Whose finding={finding} inGroup={inGroup} />
        {since !== null && (
          <span>
            since {utc(since)} ({duration(Math.max(0, (moment.value - since) / 1000))})
          </span>
        )}
        <span title={docs}>{check}</span>
      </p>
      {evidence.length > 0 && (
        <ul class="evidence">
          {evidence.map((fact) => (
            <li key={fact.text}>{evidenceText(fact)}</li>
          ))}
        </ul>
      )}
      <p>{visible(remedy)}</p>
      {config.map((line) => (
        <p key={`${line.client} ${line.key}`}>
          <span class="dim">{`${line.client}, ${line.file} `}</span>
          <span class="command">
            <code>{lineText(line)}</code>
            <Copy command={lineText(line)} />
          </span>
          {line.now !== null && <span class="dim"> now {String(line.now)}</span>}
        </p>
      ))}
      {commands.map((command) => (
        <p key={command}>
          <Command command={command} />
        </p>
      ))}
    </article>
  )
}

/** What is ill, with a way there. */
function Whose({ finding: { subject }, inGroup }: { finding: Finding; inGroup: string | undefined }) {
  const { group, member, topic, partition } = subject
  return (
    <>
      {group !== undefined && group !== inGroup && (
        <a href={hrefOf(['groups', group, 'doctor'])}>
          <Name name={group} />
        </a>
      )}
      {member !== undefined && <Name name={member} />}
      {topic !== undefined && (
        <a href={hrefOf(['topics', topic])}>
          <Name name={topic} />
          {partition !== undefined && `/${partition}`}
        </a>
      )}
    </>
  )
}

/** What nobody could look at, and why. */
export function NotLooked({ list }: { list: readonly NotLookedAt[] }) {
  if (list.length === 0) return null
  return (
    <details class="not-looked">
      <summary>{`${list.length === 1 ? '1 check was' : `${list.length} checks were`} not made`}</summary>
      <ul>
        {[...byNeed(list)].map(([needs, checks]) => (
          <li key={needs}>
            needs {needs}: <span class="dim">{checks.join(', ')}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}
