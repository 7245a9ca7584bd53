/** Errors that nobody catches would end the product's process: during a run they are told instead. */
export async function catchingStrayErrors<T>(told: (error: unknown) => void, run: () => Promise<T>): Promise<T> {
  process.on('unhandledRejection', told)
  process.on('uncaughtException', told)
  try {
    return await run()
  } finally {
    process.off('unhandledRejection', told)
    process.off('uncaughtException', told)
  }
}
