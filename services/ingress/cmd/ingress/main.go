// Command ingress runs the ingress service of Skep against an outside NATS. Its
// settings are environment variables; -h lists them.
package main

import (
	"github.com/skep-dev/skep/libs/engine/host"
	"github.com/skep-dev/skep/services/ingress"
)

func main() { host.Main(ingress.Name, ingress.New) }
