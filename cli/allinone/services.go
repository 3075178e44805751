package allinone

import (
	"github.com/skep-dev/skep/gateway"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/services/bastion"
	"github.com/skep-dev/skep/services/compute"
	"github.com/skep-dev/skep/services/identity"
	"github.com/skep-dev/skep/services/ingress"
	"github.com/skep-dev/skep/services/network"
)

// services are the services of the suite in the order in which they start. The
// gateway calls the others, so it starts last.
var services = []struct {
	name      string
	construct service.Constructor
}{
	{identity.Name, identity.New},
	{network.Name, network.New},
	{ingress.Name, ingress.New},
	{compute.Name, compute.New},
	{bastion.Name, bastion.New},
	{gateway.Name, gateway.New},
}

// Constructors returns the constructors of the services by name.
func Constructors() map[string]service.Constructor {
	constructors := make(map[string]service.Constructor, len(services))
	for _, one := range services {
		constructors[one.name] = one.construct
	}
	return constructors
}
