// What the C++ layer makes of a class, seen through the C ABI as a host sees it.
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <map>
#include <new>
#include <postern/plugin.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace sdk = postern::sdk;

namespace {

// A host with a log, a digest that is no digest, and nothing else.
struct FakeHost : postern_host {
    struct Completion {
        postern_op op;
        postern_rc rc;
        std::uint32_t action;
        std::string detail;
    };

    FakeHost() : postern_host{} {
        struct_size = sizeof(postern_host);
        abi_version = POSTERN_ABI_VERSION;
        get_service = [](const postern_host*, const char* id) -> const void* {
            static const postern_log log = {
                sizeof log, 0, [](const postern_host*) { return POSTERN_LOG_DEBUG; },
                [](const postern_host* host, std::uint32_t, postern_str message, const postern_kv*,
                   std::size_t) { of(host).lines.emplace_back(sdk::text(message)); }};
            static const postern_crypto crypto = make_crypto();
            if (std::strcmp(id, POSTERN_SERVICE_LOG) == 0) return &log;
            if (std::strcmp(id, POSTERN_SERVICE_CRYPTO) == 0) return &crypto;
            return nullptr;
        };
        set_error = [](const postern_host* host, postern_str message) {
            of(host).error = sdk::text(message);
        };
        complete = [](const postern_host* host, postern_op op, postern_rc rc,
                      const postern_verdict* verdict) -> postern_rc {
            of(host).completions.push_back(
                {op, rc, verdict != nullptr ? verdict->action : 99,
                 verdict != nullptr ? std::string(sdk::text(verdict->detail)) : ""});
            return of(host).complete_answers;
        };
        changed = [](const postern_host*, std::uint32_t) {};
    }

    static FakeHost& of(const postern_host* host) {
        return *static_cast<FakeHost*>(const_cast<postern_host*>(host));
    }

    static postern_crypto make_crypto() {
        postern_crypto out{};
        out.struct_size = sizeof out;
        out.digest = [](const postern_host*, std::uint32_t, postern_bytes data, std::uint8_t* to,
                        std::size_t* size) -> postern_rc {
            *size = 32;
            std::memset(to, 0, 32);
            for (std::size_t i = 0; i < data.size; ++i) {
                to[i % 32] = static_cast<std::uint8_t>(to[i % 32] * 31 + data.data[i] + i);
            }
            return POSTERN_OK;
        };
        return out;
    }

    std::vector<std::string> lines;
    std::string error;
    std::vector<Completion> completions;
    postern_rc complete_answers = POSTERN_OK;
};

enum class Does {
    Nothing,
    Deny,
    Throw,
    ThrowNoMemory,
    ThrowInteger,
    Defer,
    DeferAndThrow,
    DeferAndAnswer,
    PendingAlone
};

class Subject : public sdk::Plugin {
public:
    static constexpr const char* kId = "test.subject";
    static constexpr const char* kVersion = "1";
    static constexpr const char* kSummary = "does as it is told";
    using Services = Requires<sdk::Log, sdk::Crypto>;

    explicit Subject(Host host) : Plugin(host) {
        last = this;
        if (throws_when_made) throw std::runtime_error("will not be made");
    }
    ~Subject() { last = nullptr; }

    void configure(Config& config) { config.string("key", ""); }
    void start() { throw sdk::Error(POSTERN_E_IO, "the disk is gone"); }
    void policy_digest(Digest& digest) const { digest.add("name", name).add("more", more); }
    Verdict on_accept(const Call& call) {
        switch (does) {
            case Does::Nothing:
                break;
            case Does::Deny:
                return Verdict::deny(POSTERN_REASON_POLICY, "because of " + name);
            case Does::Throw:
                throw std::runtime_error("hook broke");
            case Does::ThrowNoMemory:
                throw std::bad_alloc();
            case Does::ThrowInteger:
                throw 7;
            case Does::Defer:
                operation = std::make_unique<sdk::Operation>(call.defer());
                return Verdict::pending();
            case Does::DeferAndThrow: {
                const sdk::Operation dropped = call.defer();
                throw std::runtime_error("hook broke");
            }
            case Does::DeferAndAnswer: {
                const sdk::Operation dropped = call.defer();
                return Verdict::allow();
            }
            case Does::PendingAlone:
                return Verdict::pending();
        }
        return Verdict::abstain();
    }
    void on_close(const Call& call, const postern_close&) {
        call.take_state<std::string>();
        throw std::runtime_error("close broke");
    }

    static inline Subject* last = nullptr;
    static inline bool throws_when_made = false;
    Does does = Does::Nothing;
    std::string name = "a name too long for the small-string optimisation";
    std::string more;
    std::unique_ptr<sdk::Operation> operation;
};

class Limiter : public sdk::Plugin {
public:
    static constexpr const char* kId = "test.limiter";
    static constexpr const char* kVersion = "2";
    static constexpr const char* kSummary = "limits";
    static constexpr std::uint32_t kThreadModel = POSTERN_THREADS_PARALLEL;
    using Plugin::Plugin;

    Verdict acquire(const Call&, const postern_quota_request&) { return Verdict::allow(); }
};

const postern_module& module() {
    return *sdk::Module<Subject, Limiter>::entry(POSTERN_ABI_VERSION);
}

struct Instance : postern_instance {
    explicit Instance(const char* id = Subject::kId) : postern_instance{} {
        struct_size = sizeof(postern_instance);
        rc = module().create(&host, id, this);
    }
    ~Instance() {
        if (rc == POSTERN_OK) destroy(self);
    }

    postern_rc accept(Does does) {
        Subject::last->does = does;
        const auto* table =
            static_cast<const postern_validator*>(get_interface(self, POSTERN_IF_VALIDATOR));
        verdict = postern_verdict{};
        verdict.struct_size = sizeof verdict;
        call.op = 42;
        return table->on_accept(self, &call, &verdict);
    }

    FakeHost host;
    postern_rc rc;
    postern_call call{};
    postern_verdict verdict{};
};

}  // namespace

BOOST_AUTO_TEST_CASE(descriptors_name_what_the_classes_have) {
    BOOST_TEST(module().count == 2u);
    const postern_descriptor& subject = *module().describe(0);
    BOOST_TEST(std::string(subject.id) == "test.subject");
    BOOST_TEST(subject.thread_model == POSTERN_THREADS_SERIAL);
    BOOST_TEST(std::string(subject.interfaces[0]) == POSTERN_IF_VALIDATOR);
    BOOST_TEST(subject.interfaces[1] == nullptr);
    BOOST_TEST(std::string(subject.services[1]) == POSTERN_SERVICE_CRYPTO);
    BOOST_TEST(subject.services[2] == nullptr);
    const postern_descriptor& limiter = *module().describe(1);
    BOOST_TEST(limiter.thread_model == POSTERN_THREADS_PARALLEL);
    BOOST_TEST(std::string(limiter.interfaces[0]) == POSTERN_IF_RATELIMIT);
    BOOST_TEST(limiter.services[0] == nullptr);
    BOOST_TEST(module().describe(2) == nullptr);
}

BOOST_AUTO_TEST_CASE(entry_refuses_another_major_and_takes_every_minor) {
    using M = sdk::Module<Subject>;
    BOOST_TEST(M::entry(POSTERN_ABI(2, 0)) == nullptr);
    BOOST_TEST(M::entry(0) == nullptr);
    BOOST_TEST(M::entry(POSTERN_ABI(1, 9)) != nullptr);
}

BOOST_AUTO_TEST_CASE(hooks_that_a_class_lacks_are_null) {
    Instance subject;
    const auto* table = static_cast<const postern_validator*>(
        subject.get_interface(subject.self, POSTERN_IF_VALIDATOR));
    BOOST_TEST((table->on_request == nullptr));
    BOOST_TEST((table->on_close != nullptr));
    BOOST_TEST((subject.cancel == nullptr));
    BOOST_TEST(subject.get_interface(subject.self, POSTERN_IF_PINNING) == nullptr);
    BOOST_TEST(subject.get_interface(subject.self, "postern.validator/2") == nullptr);

    Instance limiter(Limiter::kId);
    BOOST_TEST((limiter.policy_digest == nullptr));
    BOOST_TEST(limiter.start(limiter.self) == POSTERN_OK);
    BOOST_TEST(limiter.configure(limiter.self, nullptr) == POSTERN_OK);
    const auto* limits = static_cast<const postern_ratelimit*>(
        limiter.get_interface(limiter.self, POSTERN_IF_RATELIMIT));
    BOOST_TEST((limits->release == nullptr));
}

BOOST_AUTO_TEST_CASE(create_answers_for_unknown_ids_and_throwing_constructors) {
    BOOST_TEST(Instance("test.other").rc == POSTERN_E_NOT_FOUND);
    Subject::throws_when_made = true;
    Instance instance;
    Subject::throws_when_made = false;
    BOOST_TEST(instance.rc == POSTERN_E_INTERNAL);
    BOOST_TEST(instance.host.error == "test.subject: will not be made");
}

BOOST_AUTO_TEST_CASE(create_writes_no_more_than_the_host_has_room_for) {
    struct {
        postern_instance known;
        std::uint64_t beyond;
    } larger{};
    larger.beyond = 0x5a5a5a5a;
    larger.known.struct_size = sizeof larger;
    FakeHost host;
    BOOST_TEST(module().create(&host, Subject::kId, &larger.known) == POSTERN_OK);
    BOOST_TEST(larger.known.struct_size == sizeof(postern_instance));
    BOOST_TEST(larger.beyond == 0x5a5a5a5au);
    larger.known.destroy(larger.known.self);

    postern_instance smaller{};
    smaller.struct_size = offsetof(postern_instance, policy_digest);
    BOOST_TEST(module().create(&host, Subject::kId, &smaller) == POSTERN_OK);
    BOOST_TEST(smaller.struct_size == offsetof(postern_instance, policy_digest));
    BOOST_TEST((smaller.policy_digest == nullptr));
    smaller.destroy(smaller.self);
}

BOOST_AUTO_TEST_CASE(what_is_thrown_on_the_main_thread_becomes_a_code_and_an_error) {
    Instance instance;
    BOOST_TEST(instance.start(instance.self) == POSTERN_E_IO);
    BOOST_TEST(instance.host.error == "start: the disk is gone");
    // There is no configuration service here.
    BOOST_TEST(instance.configure(instance.self, reinterpret_cast<postern_node*>(&instance)) ==
               POSTERN_E_UNSUPPORTED);
    BOOST_TEST(instance.host.error == "configure: the host has no service postern.config/1");
}

BOOST_AUTO_TEST_CASE(what_a_hook_throws_becomes_a_code_and_a_line) {
    Instance instance;
    BOOST_TEST(instance.accept(Does::Throw) == POSTERN_E_INTERNAL);
    BOOST_TEST(instance.host.lines.back() == "on_accept: hook broke");
    BOOST_TEST(instance.accept(Does::ThrowNoMemory) == POSTERN_E_NOMEM);
    BOOST_TEST(instance.accept(Does::ThrowInteger) == POSTERN_E_INTERNAL);
    BOOST_TEST(instance.verdict.action == POSTERN_ACTION_ABSTAIN);
}

BOOST_AUTO_TEST_CASE(hooks_without_an_answer_let_nothing_out_either) {
    Instance instance;
    void* slot = new std::string("state");
    instance.call.slot = &slot;
    const postern_close info{};
    static_cast<const postern_validator*>(
        instance.get_interface(instance.self, POSTERN_IF_VALIDATOR))
        ->on_close(instance.self, &instance.call, &info);
    BOOST_TEST(slot == nullptr);
    BOOST_TEST(instance.host.lines.back() == "on_close threw: close broke");
}

BOOST_AUTO_TEST_CASE(the_detail_outlives_the_hook) {
    Instance instance;
    BOOST_TEST(instance.accept(Does::Deny) == POSTERN_OK);
    BOOST_TEST(instance.verdict.action == POSTERN_ACTION_DENY);
    BOOST_TEST(instance.verdict.reason == POSTERN_REASON_POLICY);
    BOOST_TEST(sdk::text(instance.verdict.detail) ==
               "because of a name too long for the small-string optimisation");
    BOOST_TEST(instance.accept(Does::Nothing) == POSTERN_OK);
    BOOST_TEST(instance.verdict.action == POSTERN_ACTION_ABSTAIN);
}

BOOST_AUTO_TEST_CASE(an_operation_completes_from_another_thread) {
    Instance instance;
    BOOST_TEST(instance.accept(Does::Defer) == POSTERN_PENDING);
    BOOST_TEST(instance.host.completions.empty());
    std::thread([operation = std::move(*Subject::last->operation)]() mutable {
        operation.complete(sdk::Verdict::deny(POSTERN_REASON_REVOKED, "late"));
        operation.complete(sdk::Verdict::allow());
    }).join();
    Subject::last->operation.reset();
    BOOST_TEST_REQUIRE(instance.host.completions.size() == 1u);
    BOOST_TEST(instance.host.completions[0].op == 42u);
    BOOST_TEST(instance.host.completions[0].rc == POSTERN_OK);
    BOOST_TEST(instance.host.completions[0].detail == "late");
}

BOOST_AUTO_TEST_CASE(an_operation_says_that_it_came_too_late) {
    Instance instance;
    instance.host.complete_answers = POSTERN_E_STALE;
    BOOST_TEST(instance.accept(Does::Defer) == POSTERN_PENDING);
    BOOST_TEST(Subject::last->operation->complete(sdk::Verdict::allow()) == POSTERN_E_STALE);
}

BOOST_AUTO_TEST_CASE(a_dropped_operation_completes_with_an_error_once) {
    Instance instance;
    BOOST_TEST(instance.accept(Does::Defer) == POSTERN_PENDING);
    Subject::last->operation.reset();
    BOOST_TEST(instance.accept(Does::DeferAndThrow) == POSTERN_PENDING);
    BOOST_TEST(instance.accept(Does::DeferAndAnswer) == POSTERN_PENDING);
    BOOST_TEST(instance.host.lines.back() == "on_accept: called defer() and answered as well");
    BOOST_TEST_REQUIRE(instance.host.completions.size() == 3u);
    for (const auto& completion : instance.host.completions) {
        BOOST_TEST(completion.rc == POSTERN_E_INTERNAL);
    }
}

BOOST_AUTO_TEST_CASE(pending_without_an_operation_is_an_error) {
    Instance instance;
    BOOST_TEST(instance.accept(Does::PendingAlone) == POSTERN_E_INTERNAL);
    BOOST_TEST(instance.host.completions.empty());
}

BOOST_AUTO_TEST_CASE(the_policy_digest_frames_what_it_is_given) {
    Instance instance;
    sdk::Sha256 first{}, again{}, other{};
    Subject::last->name = "ab";
    Subject::last->more = "c";
    BOOST_TEST(instance.policy_digest(instance.self, first.data()) == POSTERN_OK);
    BOOST_TEST(instance.policy_digest(instance.self, again.data()) == POSTERN_OK);
    Subject::last->name = "a";
    Subject::last->more = "bc";
    BOOST_TEST(instance.policy_digest(instance.self, other.data()) == POSTERN_OK);
    BOOST_TEST((first == again));
    BOOST_TEST((first != other));
}

BOOST_AUTO_TEST_CASE(a_digest_of_much_holds_little) {
    FakeHost host;
    const std::string large(1u << 20, 'x');
    sdk::Digest one{sdk::Crypto(sdk::Host(&host))};
    sdk::Digest two{sdk::Crypto(sdk::Host(&host))};
    one.add("large", large).add("tail", "1");
    two.add("large", large).add("tail", "2");
    BOOST_TEST((one.finish() != two.finish()));
}

BOOST_AUTO_TEST_CASE(bytes_do_not_reach_beyond_their_end) {
    const std::vector<std::uint8_t> owned = {1, 2, 3};
    const sdk::Bytes bytes(owned);
    BOOST_TEST(bytes.first(9).size() == 3u);
    BOOST_TEST(bytes.from(9).empty());
    BOOST_TEST((bytes.from(1) == sdk::Bytes(owned.data() + 1, 2)));
    BOOST_TEST((sdk::Bytes() == sdk::Bytes(owned.data(), 0)));
    BOOST_TEST(sdk::hex(bytes) == "010203");
    BOOST_TEST(sdk::text(postern_str{nullptr, 0}).empty());
}
