// Command compute runs the compute service of Skep against an outside NATS. Its
// settings are environment variables; -h lists them.
package main

import (
	"github.com/skep-dev/skep/libs/engine/host"
	"github.com/skep-dev/skep/services/compute"
)

func main() { host.Main(compute.Name, compute.New) }
