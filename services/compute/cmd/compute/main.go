// Command compute runs the compute service of Skep against an outside NATS. Its
// settings are environment variables; -h lists them.
package main

import (
	"github.com/skep-dev/skep/libs/engine/frame"
	"github.com/skep-dev/skep/services/compute"
)

func main() { frame.Main(compute.Name, compute.New) }
