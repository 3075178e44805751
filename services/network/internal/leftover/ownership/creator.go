package ownership

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/session"
)

// purpose is an object of Kubernetes for which a controller creates AWS resources, and the
// tag that names it.
type purpose struct{ objectType, tag string }

// with returns the creator and the first purpose that the tags name.
func (t Tags) with(creator string, purposes ...purpose) string {
	for _, p := range purposes {
		if t[p.tag] != "" {
			return creator + ", for " + p.objectType + " " + t[p.tag]
		}
	}
	return creator
}

// Creator returns the creator that the tags show, or "".
func (c Cluster) Creator(t Tags) string {
	switch {
	case t[session.TagCluster] != "" && c.CreatedBySkep(t):
		return "Skep, as " + t[session.TagResource]
	case t[tagLoadBalancing] != "":
		return t.with("the AWS Load Balancer Controller", purpose{"ingress", tagStackOfIngress}, purpose{"service", tagStackOfService})
	case t[tagService] != "":
		return t.with("the cloud controller manager", purpose{"service", tagService})
	case t[tagClaim] != "":
		return "the EBS CSI driver, for claim " + t[tagClaimNamespace] + "/" + t[tagClaim]
	case t[tagNodePool] != "":
		return t.with("Karpenter", purpose{"node pool", tagNodePool})
	case t[tagPodInstance] != "":
		return "the Amazon VPC CNI, for node " + t[tagPodInstance]
	case t[tagCilium] != "":
		return "Cilium"
	case t[tagGuardDuty] != "":
		return "Amazon GuardDuty"
	case t["aws:cloudformation:stack-name"] != "":
		return "CloudFormation stack " + t["aws:cloudformation:stack-name"]
	case t["aws:autoscaling:groupName"] != "":
		return "Auto Scaling group " + t["aws:autoscaling:groupName"]
	case t[c.KubernetesTag("").Key] != "":
		return "a controller in the cluster"
	}
	return ""
}

// CreatorOrAccount returns the creator that the tags show, or else the account that owns
// the resource. A nil account is unknown.
func (c Cluster) CreatorOrAccount(t Tags, account *string) string {
	if creator := c.Creator(t); creator != "" || account == nil {
		return creator
	}
	return "account " + *account
}

// awsServices are the prefixes of the descriptions that AWS services give to the
// network interfaces that they create in a VPC.
var awsServices = []struct{ prefix, name string }{
	{"AWS Lambda VPC ENI", "AWS Lambda"}, {"RDSNetworkInterface", "Amazon RDS"}, {"EFS mount target", "Amazon EFS"},
	{"ElastiCache", "Amazon ElastiCache"}, {"Network Interface for Transit Gateway", "AWS Transit Gateway"},
	{"Route 53 Resolver", "Amazon Route 53 Resolver"}, {"Amazon EKS", "Amazon EKS"}, {"DMSNetworkInterface", "AWS DMS"},
}

// InterfaceCreator returns the creator of a network interface: by tags, by description, or
// else the principal that requested it.
func (c Cluster) InterfaceCreator(i ec2types.NetworkInterface) string {
	if creator := c.Creator(EC2Tags(i.TagSet)); creator != "" {
		return creator
	}
	for _, service := range awsServices {
		if strings.HasPrefix(aws.ToString(i.Description), service.prefix) {
			return service.name
		}
	}
	return "requester " + aws.ToString(i.RequesterId)
}
