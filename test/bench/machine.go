package bench

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// Machine is what the figures were measured on. They are ratios; it is for those
// who wonder all the same.
type Machine struct {
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores"`
	Memory  string `json:"memory"`
	Load    string `json:"load"`
	System  string `json:"system"`
	Go      string `json:"go"`
	Version string `json:"version,omitempty"`
}

// ThisMachine describes the machine, as far as Linux tells.
func ThisMachine() Machine {
	m := Machine{
		CPU: field("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), Memory: field("/proc/meminfo", "MemTotal"),
		Load: first("/proc/loadavg"), System: runtime.GOOS + "/" + runtime.GOARCH + " " + first("/proc/sys/kernel/osrelease"), Go: runtime.Version(),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				m.Version = setting.Value
			}
		}
	}
	return m
}

// Resident is how much memory the system has given this process, in bytes.
func Resident() (float64, error) {
	kilobytes, err := strconv.ParseFloat(strings.TrimSuffix(field("/proc/self/status", "VmRSS"), " kB"), 64)
	if err != nil {
		return 0, fmt.Errorf("read resident memory: %w", err)
	}
	return kilobytes * kilo, nil
}

const kilo = 1 << 10

// field is the value behind a name in a file of "name: value" lines, "" if there is none.
func field(path, name string) string {
	text, _ := os.ReadFile(path) //nolint:gosec // Only the kernel's own files are asked for.
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// first is the first line of a file, "" if there is none.
func first(path string) string {
	text, _ := os.ReadFile(path) //nolint:gosec // Only the kernel's own files are asked for.
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}
