// Command bastion runs the bastion service of Skep against an outside NATS. Its
// settings are environment variables; -h lists them.
package main

import (
	"github.com/skep-dev/skep/libs/engine/host"
	"github.com/skep-dev/skep/services/bastion"
)

func main() { host.Main(bastion.Name, bastion.New) }
