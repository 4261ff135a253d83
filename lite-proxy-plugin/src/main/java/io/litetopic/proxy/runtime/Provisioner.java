package io.litetopic.proxy.runtime;

import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.rocketmq.ProvisioningException;

/** Makes sure that a bind topic and its groups exist as lite topics need them. Blocks. */
public interface Provisioner {
    /** @throws ProvisioningException retryable while the cluster is not ready; otherwise with the remedy */
    void provision(BindTopicConfig bindTopic) throws ProvisioningException;
}
