package io.litetopic.proxy.engine;

/** The rule of each lite topic. Called on the engine thread when messages begin to wait in a lite topic; must be cheap. */
public interface LiteTopicRules {
    LiteTopicRules NONE = liteTopic -> LiteTopicRule.DEFAULT;

    LiteTopicRule of(String liteTopic);
}
