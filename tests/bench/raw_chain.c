/* What a chain of plugins costs without a runtime around it; see exec.py.
 *
 *   raw_chain run PLAN          runs the plugins of a plan and prints how many microseconds that took
 *   raw_chain peak COMMAND...   runs a command and prints the kilobytes of its largest process
 *
 * A plan is a sequence of texts that each end in a NUL. For each plugin they are: its path; the number of
 * environment variables, and these; its stdin up to the result of the plugin before it, and what follows that result;
 * "1" when the result goes in between; "1" when what it prints is the result from now on.
 */

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROOM (1 << 20)
#define VARIABLES 1024

static char plan[ROOM], output[ROOM], result[ROOM];
static char *at = plan;

static void fail(const char *what)
{
    perror(what);
    exit(2);
}

static char *next(void)
{
    char *text = at;
    at += strlen(at) + 1;
    return text;
}

static void feed(int to, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t done = write(to, text, left);
        if (done < 0)
            fail("write");
        text += done;
        left -= (size_t)done;
    }
}

static pid_t start(char *path, char **environment, int *to, int *from)
{
    int in[2], out[2];
    pid_t pid;
    posix_spawn_file_actions_t actions;
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
        fail("pipe");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    if (posix_spawn(&pid, path, &actions, NULL, (char *[]){path, NULL}, environment))
        fail(path);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    *to = in[1];
    *from = out[0];
    return pid;
}

static void hear(int from)
{
    size_t length = 0;
    ssize_t piece;
    while ((piece = read(from, output + length, ROOM - 1 - length)) > 0)
        length += (size_t)piece;
    output[length] = 0;
    close(from);
}

static void step(void)
{
    static char *environment[VARIABLES + 1];
    int to, from, status, number;
    char *path = next();
    number = atoi(next());
    for (int i = 0; i < number; i++)
        environment[i] = next();
    environment[number] = NULL;
    char *before = next(), *after = next();
    int takes = *next() == '1', gives = *next() == '1';
    pid_t pid = start(path, environment, &to, &from);
    feed(to, before);
    if (takes)
        feed(to, result);
    feed(to, after);
    close(to);
    hear(from);
    if (waitpid(pid, &status, 0) != pid || status != 0) {
        fprintf(stderr, "%s failed: %s\n", path, output);
        exit(1);
    }
    if (gives)
        strcpy(result, output);
}

static int run(const char *path)
{
    struct timespec began, ended;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail(path);
    char *end = plan + fread(plan, 1, ROOM, file);
    clock_gettime(CLOCK_MONOTONIC, &began);
    while (at < end)
        step();
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("%ld\n", (ended.tv_sec - began.tv_sec) * 1000000 + (ended.tv_nsec - began.tv_nsec) / 1000);
    return 0;
}

/* A fork of this small program: what one starts by vfork inherits the peak of the program that started it. */
static int peak(char **command)
{
    int status;
    struct rusage used;
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        execv(command[0], command);
        fail(command[0]);
    }
    if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
        fail("wait4");
    printf("%ld\n", used.ru_maxrss);
    return status == 0 ? 0 : 1;
}

int main(int count, char **words)
{
    if (count == 3 && strcmp(words[1], "run") == 0)
        return run(words[2]);
    if (count > 2 && strcmp(words[1], "peak") == 0)
        return peak(words + 2);
    fprintf(stderr, "usage: raw_chain run PLAN | peak COMMAND...\n");
    return 2;
}
