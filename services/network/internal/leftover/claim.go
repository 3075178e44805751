package leftover

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/session"
)

// tags are those of one thing.
type tags map[string]string

func ec2Tags(list []ec2types.Tag) tags {
	all := make(tags, len(list))
	for _, tag := range list {
		all[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return all
}

// The tags by which controllers in a cluster mark what they make. All of them
// know the cluster by its uid, so that two clusters of one name never meet.
const (
	tagLegacyCluster  = "KubernetesCluster"
	tagLoadBalancing  = "elbv2.k8s.aws/cluster"
	tagPodInterfaces  = "cluster.k8s.amazonaws.com/name"
	tagPodInstance    = "node.k8s.amazonaws.com/instance_id"
	tagNodePool       = "karpenter.sh/nodepool"
	tagCilium         = "io.cilium/cilium-managed"
	tagGuardDuty      = "GuardDutyManaged"
	tagService        = "kubernetes.io/service-name"
	tagClaim          = "kubernetes.io/created-for/pvc/name"
	tagClaimNamespace = "kubernetes.io/created-for/pvc/namespace"
	tagStackOfService = "service.k8s.aws/stack"
	tagStackOfIngress = "ingress.k8s.aws/stack"
)

// member reports whether Skep itself made it, for this cluster.
func (f *Finder) member(t tags) bool {
	return t[session.TagInstallation] == f.Owner.Installation && t[session.TagCluster] == f.Owner.Cluster
}

// declared reports whether Skep made it as a part of the network, whoever has that.
func (f *Finder) declared(t tags) bool {
	return t[session.TagInstallation] == f.Owner.Installation && strings.HasPrefix(t[session.TagResource], f.Owner.Component+"/")
}

// owned reports whether it is the cluster's: Skep's own, that of a controller in
// the cluster, or what AWS makes by itself for a VPC with machines in it, in a
// VPC that is Skep's.
func (f *Finder) owned(t tags) bool {
	uid := f.Owner.Cluster
	return f.member(t) || t[f.Owner.KubernetesTag("").Key] == "owned" || t[tagLegacyCluster] == uid ||
		t[tagLoadBalancing] == uid || t[tagPodInterfaces] == uid || t[tagGuardDuty] == "true"
}

// fate is Goes for what is the cluster's and Foreign for everything else.
func (f *Finder) fate(t tags) Fate {
	if f.owned(t) {
		return Goes
	}
	return Foreign
}

// creator says who made a thing, as its tags tell.
func (f *Finder) creator(t tags) string {
	of := func(who string, what ...string) string {
		for i := 0; i+1 < len(what); i += 2 {
			if t[what[i+1]] != "" {
				return who + ", for " + what[i] + t[what[i+1]]
			}
		}
		return who
	}
	switch {
	case t[session.TagCluster] != "" && f.member(t):
		return "Skep, as " + t[session.TagResource]
	case t[tagLoadBalancing] != "":
		return of("the AWS Load Balancer Controller", "ingress ", tagStackOfIngress, "service ", tagStackOfService)
	case t[tagService] != "":
		return of("the cloud controller manager", "service ", tagService)
	case t[tagClaim] != "":
		return "the EBS CSI driver, for claim " + t[tagClaimNamespace] + "/" + t[tagClaim]
	case t[tagNodePool] != "":
		return of("Karpenter", "node pool ", tagNodePool)
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
	case t[f.Owner.KubernetesTag("").Key] != "":
		return "a controller in the cluster"
	}
	return ""
}

// made is the creator, or else the account that AWS says a thing is of.
func (f *Finder) made(t tags, account *string) string {
	if who := f.creator(t); who != "" || account == nil {
		return who
	}
	return "account " + *account
}

// services are the beginnings of the descriptions that services of AWS give
// to the network interfaces they make in a VPC.
var services = []struct{ prefix, name string }{
	{"AWS Lambda VPC ENI", "AWS Lambda"}, {"RDSNetworkInterface", "Amazon RDS"}, {"EFS mount target", "Amazon EFS"},
	{"ElastiCache", "Amazon ElastiCache"}, {"Network Interface for Transit Gateway", "AWS Transit Gateway"},
	{"Route 53 Resolver", "Amazon Route 53 Resolver"}, {"Amazon EKS", "Amazon EKS"}, {"DMSNetworkInterface", "AWS DMS"},
}

// requester says who made a network interface.
func (f *Finder) requester(i ec2types.NetworkInterface) string {
	if who := f.creator(ec2Tags(i.TagSet)); who != "" {
		return who
	}
	for _, service := range services {
		if strings.HasPrefix(aws.ToString(i.Description), service.prefix) {
			return service.name
		}
	}
	return "requester " + aws.ToString(i.RequesterId)
}
