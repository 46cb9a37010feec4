/** The small values of a plan, each with its form and the words for what is wrong with it. */
import { z } from 'zod';
import { formatRange, parseAddress, parseRange } from './addresses.ts';

/** A message of two halves, what and what to do; `shape.ts` takes it apart again. */
export const say = (what: string, next: string): string => `${what} → ${next}`;

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export const isLabel = (text: string): boolean => LABEL.test(text);

/** Two labels or more, 253 characters at most. */
export const isDomainName = (text: string): boolean =>
  text.length <= 253 && text.includes('.') && text.split('.').every(isLabel) && !/^[\d.]+$/.test(text);

const quoted = (value: unknown): string => `\`${String(value)}\``;

/** A text whose pattern editors read in the JSON Schema; the rules after it give the messages. */
const text = (pattern: RegExp) => z.string().meta({ pattern: pattern.source });

export const label = text(LABEL).refine(isLabel, {
  error: ({ input }) =>
    say(
      `${quoted(input)} is not a DNS label`,
      'use small letters, digits and hyphens, at most 63, with a letter or digit at both ends',
    ),
});

const NAME = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const FOUR = /^\d+(\.\d+){3}$/;

export const domainName = text(NAME).refine(isDomainName, {
  error: ({ input }) =>
    say(
      `${quoted(input)} is not a full DNS name`,
      'write labels of small letters, digits and hyphens with dots between, e.g. `kfs.home.arpa`',
    ),
});

export const address = text(FOUR).refine(text => parseAddress(text) !== undefined, {
  error: ({ input }) =>
    say(`${quoted(input)} is not an IPv4 address`, 'write four numbers, e.g. `192.168.1.21`'),
});

export const range = text(/^\d+(\.\d+){3}\/\d+$/).superRefine((text, context) => {
  const parsed = parseRange(text);
  if (parsed && formatRange(parsed) === text) return;
  const next = parsed ? `write \`${formatRange(parsed)}\`` : 'write address/bits, e.g. `192.168.1.0/24`';
  const what = parsed
    ? `${quoted(text)} does not begin where the range begins`
    : `${quoted(text)} is not an IPv4 range`;
  context.addIssue({ code: 'custom', message: say(what, next) });
});

/** `52-54-00-AB-CD-EF`, `5254.00ab.cdef` and the like become `52:54:00:ab:cd:ef`; other text stays. */
export function normalMac(text: string): string {
  const digits = text.replace(/[:.-]/g, '').toLowerCase();
  return /^[0-9a-f]{12}$/.test(digits) ? (digits.match(/../g) ?? []).join(':') : text;
}

const FORMS =
  /^([0-9a-f]{2}(:[0-9a-f]{2}){5}|[0-9a-f]{2}(-[0-9a-f]{2}){5}|[0-9a-f]{4}(\.[0-9a-f]{4}){2}|[0-9a-f]{12})$/i;

export const mac = text(/^[0-9A-Fa-f:.-]+$/)
  .superRefine((text, context) => {
    const problem = macProblem(text);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  })
  .overwrite(normalMac);

function macProblem(text: string): string | undefined {
  if (!FORMS.test(text)) {
    return say(
      `${quoted(text)} is not a MAC address`,
      'write six pairs of hex digits, e.g. `52:54:00:00:00:01`',
    );
  }
  if (Number.parseInt(normalMac(text).slice(0, 2), 16) % 2 === 1 || /^0+$/.test(text.replace(/[:.-]/g, ''))) {
    return say(
      `${quoted(text)} is not the address of one network card`,
      'copy it from `ip link` on the machine, or from its label',
    );
  }
  return undefined;
}

export const disk = text(/^\/dev\/.+$/).refine(
  text => /^\/dev(\/[A-Za-z0-9_][A-Za-z0-9_.:+@-]*)+$/.test(text), // one spelling for each, so that doubles are seen
  {
    error: ({ input }) =>
      say(
        `${quoted(input)} is not the path of a disk`,
        'write a path below /dev, e.g. `/dev/sda` or `/dev/disk/by-id/…`',
      ),
  },
);

/** An address or a full DNS name. */
export const host = z.string().refine(text => parseAddress(text) !== undefined || isDomainName(text), {
  error: ({ input }) =>
    say(
      `no time server is known by ${quoted(input)}`,
      'write its address, or its full name, e.g. `time.example.org`',
    ),
});

export const version = z.string().refine(text => /^\d+\.\d+\.\d+([-+.][0-9A-Za-z.+-]+)?$/.test(text), {
  error: ({ input }) =>
    say(`${quoted(input)} is not a version`, 'write three numbers, without a `v`, e.g. `1.37.2`'),
});

export const user = z.string().refine(text => /^[a-z_][a-z0-9_-]{0,31}$/.test(text), {
  error: ({ input }) =>
    say(
      `${quoted(input)} cannot be the login user`,
      'use a name of small letters and digits, such as `core`',
    ),
});

/** No quotes, newlines or `%`: ssh_config can hold none of them safely in a path. */
export const file = z.string().refine(text => /^[^"'%\\\s$][^"%\\\n\r\0$]*$/.test(text), {
  error: ({ input }) =>
    say(
      `${quoted(input)} cannot be used as a file name here`,
      'name a file without quotes, `%`, `$` or backslash',
    ),
});
