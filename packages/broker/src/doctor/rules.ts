/** The rules of the doctor are loaded with the first diagnosis: a start need not wait for them (65 KiB, some milliseconds). */
export function doctorsRules(): Promise<typeof import('@rivven/doctor')> {
  return import('@rivven/doctor')
}
