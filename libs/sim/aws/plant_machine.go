package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Nodes that no Auto Scaling group knows, and the disks of pods.
var plantedMachines = []Plant{
	{Name: "instance of Karpenter", put: plantKarpenter},
	{Name: "volume of the EBS CSI driver", Data: true, put: plantVolume},
}

// plantKarpenter is a node with an interface for pods that goes with it, and a volume of a pod that does not.
// https://karpenter.sh/docs/concepts/nodeclasses/#spectags
func plantKarpenter(g *garden, n string) error {
	tags := g.owned(map[string]string{"Name": "karpenter-" + n, "karpenter.sh/nodepool": "default", "karpenter.k8s.aws/ec2nodeclass": "default"})
	return g.instance(tags, g.nodes())
}

// instance launches a small machine into a private subnet.
func (g *garden) instance(tags map[string]string, group string) error {
	catalogue := imagesOf(g.Region)
	_, err := runInstances(g.call, &ec2.RunInstancesInput{
		ImageId: &catalogue[len(catalogue)-2].ID, InstanceType: "m6i.large", MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
		NetworkInterfaces: []types.InstanceNetworkInterfaceSpecification{{DeviceIndex: aws.Int32(0), SubnetId: &g.private()[0], Groups: []string{group}}},
		TagSpecifications: tagSpecification(types.ResourceTypeInstance, tags),
	})
	return err
}

// plantVolume is the disk behind a PersistentVolumeClaim.
// https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md
func plantVolume(g *garden, n string) error {
	s := subnets.in(g.w, subnets.scope(g.call)).byID[g.private()[0]]
	v, err := disk(s.Data.Zone, types.VolumeTypeGp3, aws.Int32(100), nil, nil, aws.Bool(true), nil)
	if err != nil {
		return err
	}
	volumes.create(g.call, "", v, g.owned(map[string]string{
		"Name": g.Cluster + "-dynamic-pvc-" + n, "CSIVolumeName": "pvc-" + n, "ebs.csi.aws.com/cluster": "true",
		"kubernetes.io/created-for/pvc/namespace": "default", "kubernetes.io/created-for/pvc/name": "data-" + n, "kubernetes.io/created-for/pv/name": "pvc-" + n,
	}))
	return nil
}
