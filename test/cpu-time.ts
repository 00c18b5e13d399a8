/** What the thread of the tests has worked, in milliseconds: what else the machine does is not in it, where a clock would count it. */
export const cpuTime = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
