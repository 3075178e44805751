package bench

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// Machine describes the machine of a measurement.
type Machine struct {
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores"`
	Memory  string `json:"memory"`
	Load    string `json:"load"`
	System  string `json:"system"`
	Go      string `json:"go"`
	Version string `json:"version,omitempty"`
}

// ThisMachine returns the description of this machine. Fields that Linux does not provide
// are empty.
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

// Resident returns the resident memory of this process in bytes.
func Resident() (float64, error) {
	kilobytes, err := strconv.ParseFloat(strings.TrimSuffix(field("/proc/self/status", "VmRSS"), " kB"), 64)
	if err != nil {
		return 0, fmt.Errorf("read resident memory: %w", err)
	}
	return kilobytes * kilo, nil
}

const kilo = 1 << 10

// field returns the value of a name in a file of "name: value" lines, or "".
func field(path, name string) string {
	text, _ := os.ReadFile(path) //nolint:gosec // The callers read only files of the kernel.
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// first returns the first line of a file, or "".
func first(path string) string {
	text, _ := os.ReadFile(path) //nolint:gosec // The callers read only files of the kernel.
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}
