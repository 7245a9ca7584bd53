/** When all looks are taken. */
export const now = Date.UTC(2026, 0, 31, 18)
export const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]
