package aws

import (
	"github.com/skep-dev/skep/libs/sim/aws/internal/autoscaling"
	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/elb"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/iam"
	"github.com/skep-dev/skep/libs/sim/aws/internal/instance"
	"github.com/skep-dev/skep/libs/sim/aws/internal/route53"
	"github.com/skep-dev/skep/libs/sim/aws/internal/sts"
	"github.com/skep-dev/skep/libs/sim/aws/internal/tagging"
	"github.com/skep-dev/skep/libs/sim/aws/internal/vpc"
)

// catalog lists the services of the simulation.
var catalog = engine.NewCatalog(services()...)

func services() []*engine.Service {
	ec2 := ec2api.NewService()
	vpc.AddTo(ec2)
	instance.AddTo(ec2)
	return []*engine.Service{
		ec2, elb.NewService(), elb.NewClassicService(), autoscaling.NewService(), iam.NewService(), sts.NewService(), route53.NewService(),
		tagging.NewService(),
	}
}
