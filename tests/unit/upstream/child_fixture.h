#pragma once

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>
#include <boost/test/unit_test.hpp>

#include "core/base/worker_pool.h"
#include "core/upstream/child/launcher.h"
#include "core/upstream/child/reaper.h"

namespace postern::test {

// True as soon as `done` is; false after ten seconds.
inline bool eventually(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        ::poll(nullptr, 0, 2);
    }
    return true;
}

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "postern-XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::string write(const std::string& name, const std::string& content) const {
        const std::string file = path + "/" + name;
        std::filesystem::create_directories(std::filesystem::path(file).parent_path());
        std::ofstream(file) << content;
        return file;
    }

    std::string path;
};

// Keeps what a child says; told on the loop's thread, asked on the test's.
class ChildWitness final : public upstream::ChildEvents {
public:
    std::function<void(std::string_view)> on_each_line;  // on the loop

    void on_started(pid_t pid) override {
        change([&] { pid_ = pid; });
    }
    void on_line(std::string_view line) override {
        change([&] { lines_.emplace_back(line); });
        if (on_each_line) on_each_line(line);
    }
    void on_writable() override {
        change([&] { ++writable_; });
    }
    void on_end(const std::string& why) override {
        change([&] { ends_.push_back(why); });
    }

    bool wait(const std::function<bool(const ChildWitness&)>& done) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return done(*this); });
    }
    bool wait_for_end() {
        return wait([](const ChildWitness& self) { return !self.ends_.empty(); });
    }
    bool wait_for_lines(std::size_t count) {
        return wait([=](const ChildWitness& self) { return self.lines_.size() >= count; });
    }

    std::vector<std::string> lines() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }
    std::vector<std::string> ends() {
        const std::lock_guard lock(mutex_);
        return ends_;
    }
    int writable() {
        const std::lock_guard lock(mutex_);
        return writable_;
    }
    pid_t pid() {
        const std::lock_guard lock(mutex_);
        return pid_;
    }

private:
    template <class Change>
    void change(Change make) {
        {
            const std::lock_guard lock(mutex_);
            make();
        }
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
    std::vector<std::string> ends_;
    int writable_ = 0;
    pid_t pid_ = 0;
};

// A loop on a thread of its own and a pool, as in the gate.
class ChildHome {
public:
    ChildHome() {
        std::signal(SIGPIPE, SIG_IGN);  // as the gate does
        thread_ = std::thread([this] { loop->run(); });
    }
    ~ChildHome() {
        loop->stop();
        thread_.join();
    }
    ChildHome(const ChildHome&) = delete;
    ChildHome& operator=(const ChildHome&) = delete;

    void run(const Task& task) {
        std::promise<void> done;
        loop->post([&] {
            task();
            done.set_value();
        });
        done.get_future().wait();
    }

    WorkerPool pool{2, 512};
    std::unique_ptr<net::Loop> loop = std::move(net::Loop::create(0).value());

private:
    std::thread thread_;
};

inline config::Stdio command(std::vector<std::string> words) {
    config::Stdio settings;
    settings.command = std::move(words);
    settings.hide_gate_files = false;
    settings.allow_root = true;
    return settings;
}
inline config::Stdio shell(const std::string& script) {
    return command({"/bin/sh", "-c", script});
}
inline config::Stdio probe(std::vector<std::string> words) {
    words.insert(words.begin(), POSTERN_CHILD_PROBE);
    return command(std::move(words));
}

// One child, from start to end.
class Child {
public:
    Child(ChildHome& home, const config::Stdio& settings, upstream::GateFiles files = {},
          const upstream::ChildIdentity& identity = {})
        : home_(home) {
        auto made = upstream::make_child_starter(settings, std::move(files), home.pool, "r");
        BOOST_REQUIRE_MESSAGE(made.ok(), (made.ok() ? "" : made.error().message));
        home.run([&] { child = (*made)(*home.loop, identity, witness); });
    }
    ~Child() { drop(); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void drop() {
        home_.run([&] { child.reset(); });
    }
    void send(std::string line) {
        home_.run([&] { child->send(std::move(line)); });
    }
    void stop() {
        home_.run([&] { child->stop(); });
    }

    ChildWitness witness;
    std::unique_ptr<upstream::StdioChild> child;  // the loop's

private:
    ChildHome& home_;
};

// What a child that ends by itself says.
inline std::vector<std::string> said_by(const config::Stdio& settings,
                                        upstream::GateFiles files = {},
                                        const upstream::ChildIdentity& identity = {}) {
    ChildHome home;
    Child child(home, settings, std::move(files), identity);
    BOOST_REQUIRE(child.witness.wait_for_end());
    return child.witness.lines();
}

inline bool is_alive(pid_t pid) {
    return ::kill(pid, 0) == 0;
}

}  // namespace postern::test
