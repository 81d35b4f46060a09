import type { SeededRandom } from '../util/random.ts';
import { phpSerialize } from './php-serialize.ts';
import { drawUid, usernameOf } from './users.ts';

/** What happened, as the feed tells it: templates with placeholders in braces, and the data that fills them. */
export interface Story {
  readonly icon: string;
  readonly titleTemplate: string;
  readonly titleData: string;
  readonly bodyTemplate: string;
  readonly bodyData: string;
  readonly bodyGeneral: string;
  /** Image addresses, each with the page that it links to; at most four. */
  readonly images: readonly (readonly [image: string, link: string])[];
  /** The kind of thing that `id` names: '', 'picid', 'blogid', 'tid' or 'sid'. */
  readonly idtype: string;
}

/** Who tells the story, when (Unix seconds), and the number of the thing that it is about. */
export interface StorySubject {
  readonly uid: number;
  readonly dateline: number;
  readonly id: number;
}

type Teller = (random: SeededRandom, subject: StorySubject) => Story;

const NO_DATA = phpSerialize({});

const SUBJECTS = [
  '秋天的第一场雨',
  '装备强化心得',
  '周末聚会照片整理',
  '新手入门指南',
  '我的江湖路',
  '副本攻略第三篇',
  '读书笔记',
];
const SENTENCES = [
  '今天终于打通了最后一关,感谢一路同行的朋友。',
  '天气转凉,大家注意身体。',
  '整理了一下这几天的截图,挑了几张好看的。',
  '有人一起组队吗?晚上八点,老地方见。',
  '第一次写攻略,有不对的地方请指正。',
  '忽然想起去年这个时候,我们还都是新手。',
];
const GROUPS = ['逍遥江湖', '剑侠情缘', '摄影同好会', '美食地图', '读书会', '新手村'];

/** How often each kind of story is told, in parts of their sum. */
const TELLERS: readonly (readonly [weight: number, tell: Teller])[] = [
  [24, tellFriend],
  [4, tellProfile],
  [14, tellComment],
  [18, tellAlbum],
  [14, tellBlog],
  [12, tellThread],
  [6, tellShare],
  [8, tellDoing],
];
const WEIGHT_SUM = TELLERS.reduce((sum, [weight]) => sum + weight, 0);

export function tellStory(random: SeededRandom, subject: StorySubject): Story {
  let point = random.below(WEIGHT_SUM);
  for (const [weight, tell] of TELLERS) {
    if (point < weight) return tell(random, subject);
    point -= weight;
  }
  throw new RangeError('the weights of the stories do not add up');
}

function tellFriend(random: SeededRandom): Story {
  return story('friend', '{actor} 和 {touser} 成为了好友', {
    titleData: phpSerialize({ touser: userLink(drawUid(random)) }),
  });
}

function tellProfile(random: SeededRandom): Story {
  return story(
    'profile',
    random.pick(['{actor} 开通了自己的个人主页', '{actor} 更新了自己的基本资料', '{actor} 更新了自己的头像']),
  );
}

function tellComment(random: SeededRandom, { dateline }: StorySubject): Story {
  const owner = drawUid(random);
  return story('comment', '{actor} 评论了 {touser} 的图片', {
    titleData: phpSerialize({ touser: userLink(owner) }),
    bodyTemplate: '{pic_title}',
    bodyData: phpSerialize({ pic_title: pictureName(random, dateline) }),
    images: [picture(random, owner, dateline - random.below(86_400), random.below(200_000))],
  });
}

function tellAlbum(random: SeededRandom, { uid, dateline, id }: StorySubject): Story {
  const images = Array.from({ length: 1 + random.below(4) }, (_, index) => picture(random, uid, dateline, id + index));
  return story('album', '{actor} 上传了新图片', {
    // PHP's null, as the original writes it here.
    titleData: 'N;',
    bodyTemplate: '{title}',
    bodyData: phpSerialize({ title: pictureName(random, dateline) }),
    images,
    idtype: 'picid',
  });
}

function tellBlog(random: SeededRandom, { uid, id }: StorySubject): Story {
  const page = `space.php?uid=${uid}&do=blog&id=${id}`;
  return story('blog', '{actor} 发表了新日志', {
    bodyTemplate: '<b>{subject}</b><br>{summary}',
    bodyData: phpSerialize({ subject: link(page, random.pick(SUBJECTS)), summary: summary(random) }),
    idtype: 'blogid',
  });
}

function tellThread(random: SeededRandom, { id }: StorySubject): Story {
  const group = link(`space.php?do=mtag&tagid=${1 + random.below(300)}`, random.pick(GROUPS));
  const page = `space.php?do=thread&id=${id}`;
  return story('thread', '{actor} 发起了新话题', {
    bodyTemplate: '<b>{subject}</b><br>群组: {mtag}<br>{summary}',
    bodyData: phpSerialize({ subject: link(page, random.pick(SUBJECTS)), mtag: group, summary: summary(random) }),
    idtype: 'tid',
  });
}

function tellShare(random: SeededRandom): Story {
  const author = drawUid(random);
  const page = `space.php?uid=${author}&do=blog&id=${random.below(200_000)}`;
  return story('share', '{actor} 分享了一篇日志', {
    bodyTemplate: '<b>{subject}</b><br>{username}<br>{summary}',
    bodyData: phpSerialize({
      subject: link(page, random.pick(SUBJECTS)),
      username: userLink(author),
      summary: summary(random),
    }),
    bodyGeneral: random.chance(0.5) ? random.pick(SENTENCES) : '',
    idtype: 'sid',
  });
}

function tellDoing(random: SeededRandom): Story {
  return story('doing', '{actor}:{message}', { titleData: phpSerialize({ message: random.pick(SENTENCES) }) });
}

function story(icon: string, titleTemplate: string, rest: Partial<Story> = {}): Story {
  return {
    icon,
    titleTemplate,
    titleData: NO_DATA,
    bodyTemplate: '',
    bodyData: NO_DATA,
    bodyGeneral: '',
    images: [],
    idtype: '',
    ...rest,
  };
}

function link(page: string, text: string): string {
  return `<a href="${page}">${text}</a>`;
}

function userLink(uid: number): string {
  return link(`space.php?uid=${uid}`, usernameOf(uid));
}

function summary(random: SeededRandom): string {
  return Array.from({ length: 1 + random.below(4) }, () => random.pick(SENTENCES)).join('');
}

function picture(random: SeededRandom, uid: number, dateline: number, id: number): [image: string, link: string] {
  const day = new Date(dateline * 1000).toISOString();
  const folder = `${day.slice(0, 4)}${day.slice(5, 7)}/${day.slice(8, 10)}`;
  const image = `http://pic.example.com/attachment/${folder}/${uid}_${dateline}${token(random)}.jpg.thumb.jpg`;
  return [image, `space.php?uid=${uid}&do=album&picid=${id}`];
}

function pictureName(random: SeededRandom, dateline: number): string {
  const day = new Date(dateline * 1000).toISOString().slice(0, 10).replaceAll('-', '');
  return `${day}_${token(random)}${token(random)}.jpg.thumb`;
}

function token(random: SeededRandom): string {
  return random
    .below(36 ** 4)
    .toString(36)
    .padStart(4, '0');
}
