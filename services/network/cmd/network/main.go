// Command network runs the network service of Skep against an outside NATS. Its
// settings are environment variables; -h lists them.
package main

import (
	"github.com/skep-dev/skep/libs/engine/frame"
	"github.com/skep-dev/skep/services/network"
)

func main() { frame.Main(network.Name, network.New) }
