package aws

import "github.com/skep-dev/skep/libs/sim/aws/internal/engine"

// catalogue lists the services of the simulation.
var catalogue = engine.NewCatalogue(services()...)

func services() []*engine.Service {
	ec2 := NewEC2Service()
	AddNetwork(ec2)
	AddInstances(ec2)
	return []*engine.Service{
		ec2, NewELBService(), NewClassicELBService(), NewAutoScalingService(), NewIAMService(), NewSTSService(), NewRoute53Service(),
		NewTaggingService(),
	}
}
