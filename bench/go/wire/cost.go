package wire

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Watched are the processes whose processor time is told beside the program's own.
type Watched struct {
	brokers  pids
	database int
}

// WatchedBy adds the flags that name them.
func WatchedBy(flags *flag.FlagSet) *Watched {
	w := &Watched{}
	flags.Var(&w.brokers, "broker-pid", "process to account CPU and memory of, several with commas")
	flags.IntVar(&w.database, "database-pid", 0, "process whose CPU, with that of its children, is told")
	return w
}

type pids []int

func (p *pids) String() string { return fmt.Sprint(*p) }

func (p *pids) Set(text string) error {
	for _, word := range strings.Split(text, ",") {
		pid, err := strconv.Atoi(word)
		if err != nil {
			return err
		}
		if pid > 0 {
			*p = append(*p, pid)
		}
	}
	return nil
}

// Cost is what processes have used so far.
type Cost struct{ client, broker, database, system float64 }

// Usage reads the counters.
func (w *Watched) Usage() Cost {
	var self syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &self)
	cost := Cost{client: time.Duration(self.Utime.Nano() + self.Stime.Nano()).Seconds()}
	for _, pid := range w.brokers {
		cost.broker += CPU(pid)
	}
	if w.database > 0 {
		cost.database = familyCPU(w.database)
	}
	if b, err := os.ReadFile("/proc/stat"); err == nil { // all that was not idle, in ticks of 10 ms
		fields := strings.Fields(strings.SplitN(string(b), "\n", 2)[0])[1:]
		for i, f := range fields[:8] {
			if i != 3 && i != 4 {
				v, _ := strconv.ParseFloat(f, 64)
				cost.system += v / 100
			}
		}
	}
	return cost
}

// CPU is the processor time, in seconds, of a process.
func CPU(pid int) float64 {
	times, err := cpuTimes(pid)
	Must(err)
	return times[0] + times[1]
}

// familyCPU is that of a process, of its children, and of those that have ended.
func familyCPU(pid int) (sum float64) {
	times, err := cpuTimes(pid)
	Must(err)
	for _, t := range times {
		sum += t
	}
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, word := range strings.Fields(string(b)) {
		child, _ := strconv.Atoi(word)
		if times, err := cpuTimes(child); err == nil { // else it has ended meanwhile
			sum += times[0] + times[1]
		}
	}
	return sum
}

// cpuTimes are user and kernel time of a process, and of its children that have ended.
func cpuTimes(pid int) (times [4]float64, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return times, err
	}
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	for i := range times {
		v, _ := strconv.ParseFloat(fields[11+i], 64)
		times[i] = v / 100
	}
	return times, nil
}

// Memory is one line of /proc/PID/status in MiB: VmRSS or VmHWM.
func Memory(pid int, name string) float64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for _, line := range strings.Split(string(b), "\n") {
		if f := strings.Fields(line); len(f) > 1 && f[0] == name+":" {
			v, _ := strconv.ParseFloat(f[1], 64)
			return Round(v / 1024)
		}
	}
	return 0
}

// AddCost adds to m what was used since before, and per GB where bytes is set. other_cpu_s is what neither the client
// nor who is watched used (kernel threads, other people's programs): a high one means the run was disturbed.
func (w *Watched) AddCost(m map[string]any, before Cost, bytes float64) {
	after := w.Usage()
	client, broker, database := after.client-before.client, after.broker-before.broker, after.database-before.database
	m["client_cpu_s"] = Round(client)
	if w.database > 0 {
		m["database_cpu_s"] = Round(database)
		if bytes > 0 {
			m["database_cpu_s_per_gb"] = Round(database / bytes * 1e9)
		}
	}
	if len(w.brokers) == 0 {
		return
	}
	m["broker_cpu_s"] = Round(broker)
	m["other_cpu_s"] = Round(after.system - before.system - client - broker - database)
	rss := 0.0
	for _, pid := range w.brokers {
		rss += Memory(pid, "VmRSS")
	}
	m["broker_rss_mib"] = Round(rss)
	if bytes > 0 {
		m["broker_cpu_s_per_gb"] = Round(broker / bytes * 1e9)
		m["client_cpu_s_per_gb"] = Round(client / bytes * 1e9)
	}
}
